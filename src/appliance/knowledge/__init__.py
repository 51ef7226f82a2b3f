"""What is in an image: for now, a shell in its root."""
