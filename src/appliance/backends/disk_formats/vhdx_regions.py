"""Where the parts of a VHDX are: its regions, and the items of its metadata."""

import struct
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from appliance.units import KIB

# Microsoft's [MS-VHDX], version 7.0; the section numbers below are its own. All numbers are
# little-endian, GUIDs are as in UUID.bytes_le.
REGIONS = 192 * KIB  # 2.2.3
REGION = struct.Struct("<16sQII")
METADATA_REGION = UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e").bytes_le
ITEM = struct.Struct("<16sIIII")  # 2.6.1.2
DISK_SIZE = UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8").bytes_le  # 2.6.2.2


def items(file: BinaryIO) -> dict[bytes, tuple[int, int]]:
    """Map the GUID of each metadata item to the byte where it is in the file, and its size."""
    region = dict(regions(file))[METADATA_REGION]
    (count,) = struct.unpack("<10xH", read(file, region, 12))
    table = read(file, region + 32, count * ITEM.size)
    return {item: (region + start, size) for item, start, size, _, _ in ITEM.iter_unpack(table)}


def regions(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The GUID of each region, and the byte where it begins."""
    (count,) = struct.unpack("<8xI", read(file, REGIONS, 12))
    for guid, place, _, _ in REGION.iter_unpack(read(file, REGIONS + 16, count * REGION.size)):
        yield guid, place


def read(file: BinaryIO, place: int, size: int) -> bytes:
    """Read *size* bytes of *file* from the byte *place* on."""
    file.seek(place)
    return file.read(size)
