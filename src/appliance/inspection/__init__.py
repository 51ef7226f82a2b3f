"""What is in an image: a shell in its root now; contents, SBOMs, licences and provenance come here."""
