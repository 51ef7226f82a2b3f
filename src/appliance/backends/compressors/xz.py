"""The .xz format, written on all cores: one stream of blocks of a fixed size.

Each block is compressed by itself, so the bytes do not depend on how many were made at once, and
readers may unpack several at once or a single one. Facts: "The .xz File Format", version 1.2.1
(tukaani.org/xz/xz-file-format.txt); the section numbers below are its own.
"""

import lzma
import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from appliance.backends.compressors.blocks import Block, BlockRecord
from appliance.units import MIB

# Measured with the AOS and with 350 MB of programs and texts in a disk of 2 GB, on two cores:
# preset 1 takes 0.24 times as long as `xz -6` on as many, for 1.07 and 1.14 times its size,
# preset 2 takes 0.31 times as long for 1.06 and 1.12, preset 3 twice that. Larger blocks save
# half a per cent, and leave cores without work at the end. What is compressed already (a kernel,
# its modules) takes the longest to search, and becomes no smaller than with preset 0.
PRESET, HASTY_PRESET = 1, 0
BLOCK = 8 * MIB
DICTIONARY = MIB  # the preset's own, stated because each block states it; the hasty one has less
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": PRESET, "dict_size": DICTIONARY}]
HASTY_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": HASTY_PRESET}]
SAMPLE = 509  # one byte of so many is looked at; a prime, for what has a period
DENSE = 6 / 256  # the chance that two bytes are the same is 1/256 in noise, and above 0.03 in code

STREAM_MAGIC, FOOTER_MAGIC = b"\xfd7zXZ\0", b"YZ"  # 2.1.1.1, 2.1.2.4
STREAM_FLAGS = b"\0\1"  # 2.1.1.2: each block ends with a CRC32
BLOCK_FLAGS = 0xC0  # 3.1.2: one filter; both sizes are stated, so that threads can unpack
LZMA2 = bytes((0x21, 1, 2 * (DICTIONARY.bit_length() - 1) - 24))  # 5.3.1: id, one byte, dictionary


@dataclass(frozen=True)
class Xz:
    """Compresses each block as xz does; the note of a block is its size in the file without
    padding, for the index."""

    suffix: str = "xz"
    block_size: int = BLOCK

    def start(self, total: int | None) -> bytes:
        """Return the stream header (section 2.1.1), which does not depend on *total*."""
        return STREAM_MAGIC + _checked(STREAM_FLAGS)

    def block(self, piece: bytes) -> Block:
        """Compress *piece* into a block (section 3): header, LZMA2 data, padding, check."""
        filters = HASTY_FILTERS if _is_dense(piece) else FILTERS
        packed = lzma.compress(piece, format=lzma.FORMAT_RAW, filters=filters)
        says = bytes((BLOCK_FLAGS,)) + _number(len(packed)) + _number(len(piece)) + LZMA2
        words = len(_padded(bytes(1) + says)) // 4  # 3.1.1: without the CRC32 that follows
        header = _checked(_padded(bytes((words,)) + says))
        check = struct.pack("<I", zlib.crc32(piece))
        unpadded = len(header) + len(packed) + len(check)
        return Block(header + _padded(packed) + check, len(piece), unpadded)

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """Return the index (section 4), which has the sizes of every block, and the stream footer
        (2.1.2)."""
        numbers = b"".join(_number(record.note) + _number(record.size) for record in records)
        index = _checked(_padded(bytes(1) + _number(len(records)) + numbers))
        size = _checked(struct.pack("<I", len(index) // 4 - 1) + STREAM_FLAGS, before=True)
        return index + size + FOOTER_MAGIC


def size(file: Path) -> int:
    """Return how many bytes are compressed in *file*, as the index before its end says (sections
    2.1.2 and 4). The file has to be one that compress() or Writer made: one stream."""
    with file.open("rb") as stream:
        stream.seek(-12, os.SEEK_END)
        back = (struct.unpack("<4xI4x", stream.read(12))[0] + 1) * 4
        stream.seek(-12 - back, os.SEEK_END)
        numbers = _numbers(stream.read(back)[1:])
    count = next(numbers)
    return sum(list(islice(numbers, 2 * count))[1::2])  # of each block: in the file, unpacked


def _numbers(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield value
            value = shift = 0


def _is_dense(piece: bytes) -> bool:
    """Whether *piece* looks compressed already: hardly any byte is more frequent than others."""
    sample = piece[::SAMPLE]
    return sum(count**2 for count in Counter(sample).values()) < DENSE * len(sample) ** 2


def _number(value: int) -> bytes:
    """Write a number as section 1.2 says: seven bits in each byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _checked(data: bytes, *, before: bool = False) -> bytes:
    """Put the CRC32 of *data* behind it, or *before* it."""
    crc = struct.pack("<I", zlib.crc32(data))
    return crc + data if before else data + crc
