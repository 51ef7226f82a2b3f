"""Look into a VMDK: what it says of itself, and whether its grains are as importers read them.

Facts: VMware's "Virtual Disk Format 5.0".
"""

import os
import re
import struct
from dataclasses import dataclass, replace

from appliance.backends.ova_rules.model import OvfDisk
from appliance.units import SECTOR, align_up

# See backends/disk_formats/stream_vmdk.py, which writes the same.
HEADER = struct.Struct("<4sIIQQQQIQQQB4sH")
MARKER = struct.Struct("<QI")
COMPRESSED = 1 << 16
AT_END = (1 << 64) - 1  # a grain directory that a footer names
LARGEST_DESCRIPTOR = 2048  # sectors
SEARCHED = 2048  # sectors at the end of the file, for what else may be there
MAGIC = b"KDMV"
TEXT = b"# Disk DescriptorFile"
END = 0  # the types of markers, behind a size of 0
MARKERS = {1: "grain table", 2: "grain directory", 3: "footer"}


@dataclass(frozen=True)
class Window:
    """Part of an open file: *size* bytes from *start*."""

    file: int
    start: int
    size: int

    def read(self, place: int, count: int) -> bytes:
        """Read *count* bytes from the byte *place* of the part on; fewer at its end."""
        count = max(0, min(count, self.size - place))
        return os.pread(self.file, count, self.start + place) if count else b""


def look(window: Window) -> OvfDisk:
    """Return what the VMDK in *window* says of itself and how it is laid out; if it is no VMDK or
    is damaged, its *trouble* says so."""
    head = window.read(0, SECTOR)
    if len(head) < SECTOR or not head.startswith(MAGIC):
        return OvfDisk(trouble=f"it does not begin with {MAGIC.decode()}: no sparse VMDK")
    (_, version, flags, capacity, grain, at, count, _, _, directory, first, *_) = HEADER.unpack(
        head[: HEADER.size]
    )
    disk = OvfDisk(version=version, compressed=bool(flags & COMPRESSED), capacity=capacity * SECTOR)
    if count > LARGEST_DESCRIPTOR:
        return replace(disk, trouble=f"its descriptor has {count} sectors")
    text = window.read(at * SECTOR, count * SECTOR).split(b"\0")[0].decode("utf-8", "replace")
    disk = replace(
        disk,
        kind=_word(text, "createType"),
        adapter=_word(text, "ddb.adapterType"),
        descriptors=_descriptors(window),
    )
    if not disk.compressed:
        return disk
    if not grain or grain & (grain - 1):
        return replace(disk, trouble=f"its grains have {grain} sectors")
    if directory != AT_END and directory * SECTOR >= window.size:
        return replace(disk, trouble="its grain directory is behind its end")
    return _walk(window, disk, place=first * SECTOR)


def _word(text: str, key: str) -> str:
    found = re.search(rf'^{re.escape(key)}\s*=\s*"?([^"\n]*)"?', text, re.MULTILINE)
    return found[1].strip() if found else ""


def _descriptors(window: Window) -> int:
    """How many descriptors there are at the beginning and at the end of the file."""
    near = min(SEARCHED * SECTOR, window.size)
    head, tail = window.read(0, near), window.read(window.size - near, near)
    if window.size <= near:
        return head.count(TEXT)
    return head.count(TEXT) + (tail if window.size >= 2 * near else b"").count(TEXT)


def _walk(window: Window, disk: OvfDisk, *, place: int) -> OvfDisk:
    """Go from grain to grain, from the byte *place* on, as a reader of the stream does; return
    *disk* with what is found."""
    last = -1
    while place < window.size:
        head = window.read(place, SECTOR)
        if len(head) < SECTOR:
            return replace(disk, trouble="it ends inside a sector")
        first, size = MARKER.unpack_from(head)
        if size:
            if place + MARKER.size + size > window.size:
                return replace(disk, trouble=f"it ends inside the grain of sector {first}")
            if first * SECTOR >= disk.capacity:
                return replace(disk, trouble=f"a grain is for sector {first}, behind the disk")
            if first <= last and not disk.backward:
                disk = replace(disk, backward=f"sector {first} comes after sector {last}")
            last = max(last, first)
            place += align_up(MARKER.size + size, SECTOR)
            continue
        kind = int.from_bytes(head[12:16], "little")
        if kind == END:
            zeros, rest = _ending(window, place)
            return replace(disk, zeros=zeros, after=rest)
        if kind not in MARKERS:
            return replace(disk, trouble=f"at byte {place} is neither a grain nor a marker")
        place += SECTOR * (1 + first)
    return replace(disk, zeros=0)


def _ending(window: Window, place: int) -> tuple[int, int]:
    """How many zero sectors there are from *place* on, and how many bytes behind them."""
    start, step = place, 1024 * SECTOR
    while place < window.size:
        block = window.read(place, step)
        used = len(block) - len(block.lstrip(b"\0"))
        if used < len(block):
            place += used // SECTOR * SECTOR
            break
        place += len(block)
    return (place - start) // SECTOR, window.size - place
