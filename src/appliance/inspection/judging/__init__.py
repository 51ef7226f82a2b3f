"""What of an image is against the rules: those about leaks and marks, and the conventions."""
