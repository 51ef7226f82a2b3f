"""What was found, as one web page that needs no server, no network and no other file."""
