"""What is kept on disk between builds, and the drafts of what is not finished yet."""
