"""What is kept between builds, and the drafts of what is not finished."""
