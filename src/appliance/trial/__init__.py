"""Does it work: machines are started, logged into and asked."""
