"""Which packages an image gets, exactly, and where their files are."""
