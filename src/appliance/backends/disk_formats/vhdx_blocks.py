"""Whether a VHDX holds a disk, found out by its own map of blocks.

QEMU does not tell which blocks of a VHDX are there: `qemu-img compare` reads every byte of the disk
that they could be, which takes minutes for an empty one of 200 GiB.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from appliance.backends.disk_formats import qemu_img
from appliance.backends.disk_formats.vhdx_regions import DISK_SIZE, items, read, regions
from appliance.errors import CommandError
from appliance.units import MIB
from appliance.work import Conversion

# Microsoft's [MS-VHDX], version 7.0.
BLOCKS_REGION = UUID("2dc27766-f623-4200-9d64-115e9bfd4a08").bytes_le  # 2.5
FILE_PARAMETERS = UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b").bytes_le  # 2.6.2.1
SECTOR_SIZE = UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f").bytes_le  # 2.6.2.4
IN_BITMAP = 1 << 23  # sectors that one block of sector bitmaps is about (2.5)
ABSENT, PRESENT = (0, 2, 3), 6  # 2.5.1.1: not there, zeros, unmapped; whole in the file
CHUNK = 4 * MIB


def verified(work: Conversion, driver: str, *, raw: Path, image: Path) -> None:
    """Check the finished VHDX *image*, and compare it with *raw* wherever one of them has data.

    Raises CommandError if anything is wrong with the image.
    """
    try:
        work.run(["qemu-img", "check", "-q", "-f", driver, image])
        with raw.open("rb") as disk, image.open("rb") as file:
            _compare(disk, file)
    except (CommandError, struct.error, KeyError) as error:
        raise qemu_img.wrong(driver, error) from error


def _compare(disk: BinaryIO, file: BinaryIO) -> None:
    """Raise CommandError where the two differ."""
    size = os.fstat(disk.fileno()).st_size
    place, length = items(file)[DISK_SIZE]
    if int.from_bytes(read(file, place, length), "little") != size:
        raise CommandError("it has another size")
    for start, end, there in _blocks(file, size):
        for at in range(start, end, CHUNK):
            wanted = min(CHUNK, end - at)
            if there is None and not _has_data(disk, at, at + wanted):
                continue
            expected = os.pread(disk.fileno(), wanted, at)
            found = (
                bytes(wanted)
                if there is None
                else os.pread(file.fileno(), wanted, there + at - start)
            )
            if expected != found:
                raise CommandError(f"it differs between the bytes {at} and {at + wanted}")


def _blocks(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int | None]]:
    """Each block of the disk: its first byte, its end, and where it is in the file; None where it
    is nowhere, and all zeros."""
    found = items(file)
    (length,) = struct.unpack("<I", read(file, found[FILE_PARAMETERS][0], 4))
    (sector,) = struct.unpack("<I", read(file, found[SECTOR_SIZE][0], 4))
    between = IN_BITMAP * sector // length  # blocks before the entry of a sector bitmap
    table = dict(regions(file))[BLOCKS_REGION]
    count = -(-size // length)
    entries = struct.unpack(
        f"<{count + count // between}Q", read(file, table, 8 * (count + count // between))
    )
    for number in range(count):
        entry = entries[number + number // between]
        if entry & 7 not in (*ABSENT, PRESENT):
            raise CommandError(f"its block {number} is in the state {entry & 7}")
        there = (entry >> 20) * MIB if entry & 7 == PRESENT else None
        yield number * length, min((number + 1) * length, size), there


def _has_data(disk: BinaryIO, start: int, end: int) -> bool:
    try:
        return os.lseek(disk.fileno(), start, os.SEEK_DATA) < end
    except OSError:  # nothing but a hole up to the end
        return False
