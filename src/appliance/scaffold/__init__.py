"""How does an author start? With a directory that is an appliance already, and becomes his own."""
