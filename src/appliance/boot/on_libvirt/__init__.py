"""Machines that libvirt keeps, and QEMU in its place where there is none."""
