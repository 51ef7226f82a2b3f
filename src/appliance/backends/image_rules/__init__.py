"""Rules for what must not be in an image that others get: identities, secrets, traces, residue, a
file per group. Not there yet; the folder keeps its place."""
