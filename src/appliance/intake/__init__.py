"""What we were given, and whether we may trust it: the one door for what others made.

received() says what a file or directory is; disk_images says which disks are trusted; bundle_files
unpacks. Every command that takes an image or an appliance goes through them.
"""
