"""Which files are in a filesystem that anybody made: read without mounting it, nothing believed."""
