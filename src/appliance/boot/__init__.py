"""Starts an appliance as a machine, talks to it, and says whether it works."""
