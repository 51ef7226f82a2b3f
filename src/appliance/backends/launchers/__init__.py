"""Descriptions that launch an appliance. To add one: write its file, add it to KNOWN."""
