"""What differs between two appliances, in the words of an inspection, and a release note of it."""
