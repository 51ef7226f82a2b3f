"""What is in an image: a shell in its root now; contents, SBOMs and provenance come here."""
