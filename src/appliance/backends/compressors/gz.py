"""The .gz format, written on all cores: one gzip member, whose blocks are deflated independently.

Each block is flushed to a whole byte (Z_SYNC_FLUSH), so that the next may follow: any reader of
gzip takes them for one stream. Facts: RFC 1952 (gzip), RFC 1951 (deflate).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.compressors import deflate
from appliance.backends.compressors.blocks import Block, BlockRecord
from appliance.errors import HostError
from appliance.units import MIB

BLOCK = 4 * MIB
MAGIC, DEFLATE, HAS_EXTRA, UNIX = b"\x1f\x8b", 8, 4, 3
# No name, no time. The size at the end is modulo 4 GiB: the true one is in a field of our own
# ("AT", 8 bytes), which readers skip.
HEAD = struct.Struct("<2sBBIBB")
FIELD = struct.Struct("<H2sHQ")
FIELD_ID, FIELD_SIZE = b"AT", 8
EMPTY = b"\x03\0"  # the last block of the deflated data, with nothing in it


@dataclass(frozen=True)
class Gz:
    """Compresses each block as gzip does; the note of a block is its CRC-32, for the trailer."""

    suffix: str = "gz"
    block_size: int = BLOCK

    def start(self, total: int | None) -> bytes:
        """Return the header of the gzip member, which holds *total* if that is known."""
        if total is None:
            return HEAD.pack(MAGIC, DEFLATE, 0, 0, 0, UNIX)
        field = FIELD.pack(FIELD.size - 2, FIELD_ID, FIELD_SIZE, total)
        return HEAD.pack(MAGIC, DEFLATE, HAS_EXTRA, 0, 0, UNIX) + field

    def block(self, piece: bytes) -> Block:
        """Deflate *piece*, and fill the last byte so that another block can follow."""
        zlib = deflate.library()
        packer = zlib.compressobj(deflate.LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        data = packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
        return Block(data, len(piece), zlib.crc32(piece))

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """Return the end of the deflated data, the CRC-32 of all data, combined from those of the
        blocks, and the size modulo 4 GiB."""
        combine, crc = deflate.library().crc32_combine, 0
        for record in records:
            crc = combine(crc, record.note, record.size)
        total = sum(record.size for record in records)
        return EMPTY + struct.pack("<II", crc, total % (1 << 32))


def size(file: Path) -> int:
    """Return how many bytes are compressed in *file*, as the header states that compress() writes.

    Raises HostError if the header does not state it: then nothing but unpacking tells.
    """
    with file.open("rb") as stream:
        head = stream.read(HEAD.size + FIELD.size)
    if len(head) == HEAD.size + FIELD.size and head[3] == HAS_EXTRA:
        _, name, length, total = FIELD.unpack(head[HEAD.size :])
        if (name, length) == (FIELD_ID, FIELD_SIZE):
            return int(total)
    raise HostError(f"{file} does not say how large it is unpacked", hint=f"gunzip {file.name}")
