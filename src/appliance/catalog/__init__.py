"""Where others find an appliance: signed catalogs, push and pull. Not there yet; the room keeps its
place on the ladder."""
