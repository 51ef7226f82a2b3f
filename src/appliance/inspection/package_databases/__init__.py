"""Which packages are in an image, and are their files as they came: dpkg's answer, and rpm's."""
