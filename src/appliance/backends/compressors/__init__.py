"""Compressors of finished disks: a file per format, each with the same call as xz.compress()."""
