"""What a shell needs to complete our command lines: one description, a file for each shell."""
