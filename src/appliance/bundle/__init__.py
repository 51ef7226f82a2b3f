"""What is handed over: the disks, the machine that they need, and the words for both."""
