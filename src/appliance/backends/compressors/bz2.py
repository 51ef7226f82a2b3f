"""The .bz2 format, written on all cores: a stream for each block, and one after the other.

For archives that are to be packed so; there is no disk format of it.
"""

import bz2
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.backends.compressors.blocks import Block, BlockRecord

LEVEL = 9  # the bzip2 program's own, and its only one in practice
BLOCK = 9 * 9 * 100_000  # bytes: nine of bzip2's own blocks


@dataclass(frozen=True)
class Bz2:
    """Compress blocks as bzip2 does; there is nothing to note of a block."""

    suffix: str = "bz2"
    block_size: int = BLOCK

    def start(self, total: int | None) -> bytes:
        """Nothing stands before the first block."""
        return b""

    def block(self, piece: bytes) -> Block:
        """Compress *piece* into a bzip2 stream of its own."""
        return Block(bz2.compress(piece, LEVEL), len(piece))

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """Nothing; but a file has at least one stream."""
        return b"" if records else self.block(b"").data
