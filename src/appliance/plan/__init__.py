"""The whole build as data: made from a recipe and a lock, read by people, run by the engine."""
