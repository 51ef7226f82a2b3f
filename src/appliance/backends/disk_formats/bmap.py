"""The block map (bmap) of a raw disk, with which bmaptool writes and checks only blocks with data.

Facts: bmaptool's documentation of the format, version 2.0, and what its reader accepts
(BmapCreate.py and BmapCopy.py of bmap-tools).
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import HostError
from appliance.units import MIB

BLOCK = 4096
LONGEST = 64 * MIB // BLOCK  # blocks of a range: longer ones are cut, to be hashed on all cores
UNKNOWN = "0" * 64  # stands where the checksum of the map itself will, while that is computed
CHUNK = MIB
HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Which blocks of a disk image have to be copied: bmaptool copy IMAGE DEVICE -->
<bmap version="2.0">
    <ImageSize> {size} </ImageSize>
    <BlockSize> {block} </BlockSize>
    <BlocksCount> {blocks} </BlocksCount>
    <MappedBlocksCount> {mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> {check} </BmapFileChecksum>
    <BlockMap>
"""
RANGE = '        <Range chksum="{check}"> {blocks} </Range>\n'
TAIL = "    </BlockMap>\n</bmap>\n"


@dataclass(frozen=True)
class MappedRange:
    """The blocks of a disk from *first* up to, and without, *end*."""

    first: int
    end: int

    def __str__(self) -> str:
        last = self.end - 1
        return str(last) if last == self.first else f"{self.first}-{last}"


def write_bmap(raw: Path, target: Path, *, cores: int) -> None:
    """Write the block map of the disk *raw* to *target*. Holes of *raw* are neither read nor in
    the map.

    Zeros that were written are in the map, as with `bmaptool create`, since the device that the
    image is copied to may have something else there. Raises HostError if *raw* becomes shorter
    meanwhile, OSError if the disk is full.
    """
    with raw.open("rb") as file, ThreadPoolExecutor(cores) as pool:
        number, size = file.fileno(), os.fstat(file.fileno()).st_size
        spans = list(cut(mapped(number, size)))
        checks = list(pool.map(lambda span: hashed(number, span, size=size, name=raw), spans))
    says = {
        "size": size,
        "block": BLOCK,
        "blocks": -(-size // BLOCK),
        "mapped": sum(span.end - span.first for span in spans),
    }
    ranges = [
        RANGE.format(check=check, blocks=span) for span, check in zip(spans, checks, strict=True)
    ]
    blank = HEAD.format(**says, check=UNKNOWN) + "".join(ranges) + TAIL
    target.write_text(blank.replace(UNKNOWN, hashlib.sha256(blank.encode()).hexdigest(), 1))


def mapped(file: int, size: int) -> Iterator[MappedRange]:
    """Yield the runs of blocks of an open file that are not wholly holes, in order; no two runs
    touch each other."""
    first = end = place = 0
    while place < size:
        try:
            start = os.lseek(file, place, os.SEEK_DATA)
        except OSError:  # nothing but a hole up to the end
            break
        place = os.lseek(file, start, os.SEEK_HOLE)
        if start // BLOCK > end:
            if end > first:
                yield MappedRange(first, end)
            first = start // BLOCK
        end = -(-place // BLOCK)
    if end > first:
        yield MappedRange(first, end)


def cut(spans: Iterator[MappedRange]) -> Iterator[MappedRange]:
    """Yield the blocks of *spans* in ranges of at most LONGEST blocks."""
    for span in spans:
        for first in range(span.first, span.end, LONGEST):
            yield MappedRange(first, min(first + LONGEST, span.end))


def hashed(file: int, span: MappedRange, *, size: int, name: Path) -> str:
    """The SHA-256 of the blocks of *span*, in hexadecimal. The file has *size* bytes, so its last
    block may be a part of one. Raises HostError if it is shorter."""
    check, place, end = hashlib.sha256(), span.first * BLOCK, min(span.end * BLOCK, size)
    while place < end:
        data = os.pread(file, min(CHUNK, end - place), place)
        if not data:
            raise HostError(f"{name} was cut off while it was read")
        check.update(data)
        place += len(data)
    return check.hexdigest()
