"""Who builds where: hubs and builders. Not there yet; the room keeps its place on the ladder."""
