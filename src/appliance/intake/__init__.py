"""What we were given, and whether we may trust it: the one door for what others made.

received() says what a file or directory is, trust which disk images are trusted, and bundle_files
unpacks. Every command that opens a disk, or starts an appliance, goes through them; `lint`, which
does neither, asks only trust.check_file().
"""
