"""What `appliance inspect` tells of the files of an image: a file per subject."""
