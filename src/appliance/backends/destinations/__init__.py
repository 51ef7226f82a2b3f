"""Where an appliance can be published: directories, web servers, registries, a file per kind. Not
there yet; the folder keeps its place."""
