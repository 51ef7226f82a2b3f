"""What differs between two disk images: the files, inodes or sectors, by name."""
