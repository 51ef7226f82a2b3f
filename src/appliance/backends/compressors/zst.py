"""The .zst format, written on all cores: a frame for each block, which states its size.

Frames that follow each other are one file to every reader. Facts: RFC 8878 (Zstandard). Under
`qemu-x86_64 -cpu` qemu64, Nehalem, Haswell and max, zstandard 0.25.0 (libzstd 1.5.7) gave the same
bytes at this level for 22 MB of programs, texts, zeros and noise.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from appliance.backends.compressors.blocks import Block, BlockRecord
from appliance.errors import HostError
from appliance.units import MIB

LEVEL = 3  # the zstd program's own
BLOCK = 8 * MIB
TOOL = "zstandard"  # in the table of host/probe.py: its version counts

LONGEST_HEADER = 18  # 3.1.1.1: magic, descriptor, window, dictionary, content size
SKIPPED, SKIPPED_MASK = 0x184D2A50, 0xFFFFFFF0  # 3.1.2
REPEATED = 1  # 3.1.1.2.2: a block that is one byte, many times
CHECK = 4  # bytes at the end of a frame


@dataclass(frozen=True)
class Zst:
    """Compresses each block as zstd does; the format needs no note of a block."""

    suffix: str = "zst"
    block_size: int = BLOCK

    def start(self, total: int | None) -> bytes:
        """Return no bytes: the first block begins the file."""
        return b""

    def block(self, piece: bytes) -> Block:
        """Compress *piece* into a frame that states its unpacked size and a check."""
        packer = library().ZstdCompressor(level=LEVEL, write_checksum=True)
        return Block(packer.compress(piece), len(piece))

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """Return no bytes, or an empty frame if there was no block: a file has at least one."""
        return b"" if records else self.block(b"").data


def library() -> ModuleType:
    """Return the module zstandard; raise HostError if it is not there."""
    try:
        import zstandard  # here: most commands do without
    except ImportError as error:
        raise HostError(
            f"Python's zstandard cannot be used: {error}",
            hint="install python3-zstandard, or: pip install zstandard",
        ) from error
    return zstandard


def size(file: Path) -> int:
    """Return how many bytes are compressed in *file*, by adding what each frame states; nothing
    is unpacked.

    Raises HostError if a frame does not state it, or if *file* is no whole .zst file.
    """
    found, start, length = 0, 0, file.stat().st_size
    with file.open("rb") as stream:
        while start < length:
            held, start = _frame(stream, start, file)
            found += held
    if start > length:
        raise HostError(f"{file} is cut off")
    return found


def _frame(stream: BinaryIO, start: int, file: Path) -> tuple[int, int]:
    """How many bytes are compressed in the frame at the byte *start*, and where the next one is."""
    head = os.pread(stream.fileno(), LONGEST_HEADER, start)
    if int.from_bytes(head[:4], "little") & SKIPPED_MASK == SKIPPED:
        return 0, start + 8 + int.from_bytes(head[4:8], "little")
    zstd = library()
    try:
        says, position = zstd.get_frame_parameters(head), start + zstd.frame_header_size(head)
    except zstd.ZstdError as error:
        raise HostError(f"{file} is no .zst file, or damaged: {error}") from error
    if says.content_size == zstd.CONTENTSIZE_UNKNOWN:
        raise HostError(f"{file} does not say how large it is unpacked", hint=f"unzstd {file.name}")
    last = False
    while not last:  # 3.1.1.2: three bytes before each block: last, two bits of kind, size
        word = int.from_bytes(os.pread(stream.fileno(), 3, position), "little")
        last, kind, size = bool(word & 1), word >> 1 & 3, word >> 3
        position += 3 + (1 if kind == REPEATED else size)
        if position > os.fstat(stream.fileno()).st_size:
            raise HostError(f"{file} is cut off")
    return says.content_size, position + CHECK * says.has_checksum
