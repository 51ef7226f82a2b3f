"""The .bz2 format, written on all cores: a bzip2 stream for each block, one after the other.

It is for bundles only; no disk format is compressed by it.
"""

import bz2
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.backends.compressors.blocks import Block, BlockRecord

LEVEL = 9  # the bzip2 program's own, and its only one in practice
BLOCK = 9 * 9 * 100_000  # bytes: nine of bzip2's own blocks


@dataclass(frozen=True)
class Bz2:
    """Compresses each block as bzip2 does; the format needs no note of a block."""

    suffix: str = "bz2"
    block_size: int = BLOCK

    def start(self, total: int | None) -> bytes:
        """Return no bytes: the first block begins the file."""
        return b""

    def block(self, piece: bytes) -> Block:
        """Compress *piece* into a bzip2 stream of its own."""
        return Block(bz2.compress(piece, LEVEL), len(piece))

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """Return no bytes, or an empty stream if there was no block: a file has at least one."""
        return b"" if records else self.block(b"").data
