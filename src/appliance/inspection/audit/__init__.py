"""What is known against the packages of an appliance, from files that the user names."""
