"""What we were given, and whether we may trust it: images, bundles and descriptions of others."""
