"""Turn a kickstart file into a bootable virtual appliance."""

__version__ = "2.0.0"
