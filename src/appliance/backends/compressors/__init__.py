"""The compressors of disk images and bundles. To add one: write its file, add it to KNOWN.

What they share is in blocks.py: compress() compresses a file without reading its holes, and Writer
is an open file that compresses what is written to it.
"""

from appliance.backends.compressors.blocks import Compressor, Writer, compress
from appliance.backends.compressors.bz2 import Bz2
from appliance.backends.compressors.gz import Gz
from appliance.backends.compressors.xz import Xz
from appliance.backends.compressors.zst import Zst
from appliance.errors import RequestError

__all__ = ["KNOWN", "Compressor", "Writer", "compress", "find"]

KNOWN: dict[str, Compressor] = {kind.suffix: kind for kind in (Bz2(), Gz(), Xz(), Zst())}


def find(name: str) -> Compressor:
    """Return the compressor called *name*; raise RequestError with all names if there is none."""
    if name not in KNOWN:
        raise RequestError(f"unknown compressor '{name}'", hint=", ".join(KNOWN))
    return KNOWN[name]
