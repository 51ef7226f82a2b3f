"""How each distribution family is given another name and look. Not there yet; the folder keeps its
place."""
