"""What the header of a disk image says of other files, read before any program opens the image.

Facts: QEMU's docs/interop/qcow2.txt and block/qcow.c; VMware's "Virtual Disk Format 5.0";
Microsoft's "Virtual Hard Disk Image Format Specification".
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from appliance.intake import signatures
from appliance.units import KIB, SECTOR

LONGEST_NAME = 1023  # bytes of a backing file's name (docs/interop/qcow2.txt)
LONGEST_DESCRIPTOR = 64 * KIB  # bytes of a VMDK's text
USUAL_DESCRIPTOR = 20 * SECTOR  # what QEMU reads of one
SPARSE = b"KDMV"  # what a sparse VMDK begins with
MOST_EXTENTS = 128  # of one VMDK: 2 GiB each make 256 GiB
MOST_EXTENSIONS = 64  # of one qcow2 header
DATA_FILE = 1 << 2  # of a qcow2's incompatible features
BACKING_FORMAT, EXTERNAL_DATA = 0xE2792ACA, 0x44415441  # header extensions of a qcow2
DIFFERENCING = 4  # Disk Type of a VHD
VDI_WHOLE = (1, 2)  # image types of a VDI that is dynamic, or fixed (block/vdi.c)
# A line of a VMDK's text that begins with an access word must be one of these. QEMU's sscanf takes
# more: it reads on over the end of a line, takes signs, and ends a name without a closing quote.
ACCESS = ("RW", "RDONLY", "NOACCESS")
EXTENT = re.compile(
    r"[ \t]*(?:RW|RDONLY|NOACCESS)[ \t]+[0-9]{1,18}[ \t]+"
    r"(?:ZERO|(?:FLAT|VMFS)[ \t]+\"(?P<bytes>[^\"\n\r]{1,500})\"(?:[ \t]+[0-9]{1,18})?"
    r"|(?:SPARSE|VMFSSPARSE|SESPARSE)[ \t]+\"(?P<image>[^\"\n\r]{1,500})\")[ \t\r]*"
)
PARENT = re.compile(r"parentFileNameHint[ \t]*=[ \t]*\"([^\"\n]*)")


class BadHeaderError(Exception):
    """The header contradicts itself, or is cut off; its text says how."""


@dataclass(frozen=True)
class Header:
    """What an image says in its header that matters to whoever opens it.

    *backing*: the image that it lies over, as the header names it: a file, or whatever else QEMU
        takes.
    *backing_format*: QEMU's word for the format of that image.
    *extents*: the files that its bytes are in, as the header names them.
    *structured*: those of the extents that have a header of their own: see read_extent().
    *problem*: why nobody should open the image here; empty if somebody may.
    """

    backing: str = ""
    backing_format: str = ""
    extents: tuple[str, ...] = ()
    structured: tuple[str, ...] = ()
    problem: str = ""


def read(file: IO[bytes], driver: str) -> Header:
    """The header of *file*, which is an image for QEMU's *driver*, from its beginning.

    Raises BadHeaderError if it cannot be understood, OSError if it cannot be read.
    """
    if driver not in READERS:
        return Header()
    try:
        return READERS[driver](file)
    except struct.error:
        raise BadHeaderError("its header is cut off") from None


def read_extent(file: IO[bytes]) -> None:
    """Look at *file*, a VMDK's extent that has a header of its own.

    Raises BadHeaderError if its header would make QEMU open further files.
    """
    head = file.read(20)
    if head.startswith(SPARSE):
        if len(head) < 20:
            raise BadHeaderError("the header of an extent is cut off")
        _capacity(head)


def _capacity(head: bytes) -> None:
    """Raise BadHeaderError if a sparse VMDK that begins with *head* has no size: QEMU then takes
    the extents that the text in it names, and that of an extent's own text, and so on."""
    if not struct.unpack("<12xQ", head[:20])[0]:
        raise BadHeaderError("its header says that its disk has no size")


def _qcow2(file: IO[bytes]) -> Header:
    version, place, length, cluster_bits = struct.unpack(">4xIQII", file.read(24))
    cipher = struct.unpack(">8xI", file.read(12))[0]
    features, header_length = 0, 72
    if version >= 3:
        file.seek(72)
        features, header_length = struct.unpack(">Q20xI", file.read(32))
    if cipher:
        return Header(problem="is encrypted")
    said = dict(_extensions(file, header_length, place or 1 << min(cluster_bits, 21)))
    if features & DATA_FILE or EXTERNAL_DATA in said:
        return Header(problem="has its data in another file")
    backing = _name(file, place, length) if place else ""
    return Header(backing, _text(said.get(BACKING_FORMAT, b"")))


def _extensions(file: IO[bytes], start: int, end: int) -> list[tuple[int, bytes]]:
    """(type, content) of the qcow2 header extensions, which are between these bytes."""
    found: list[tuple[int, bytes]] = []
    file.seek(start)
    for _ in range(MOST_EXTENSIONS):
        if file.tell() >= end:
            return found
        kind, length = struct.unpack(">II", file.read(8))
        if not kind:
            return found
        if length > LONGEST_DESCRIPTOR:
            raise BadHeaderError("an extension of its header is too long")
        found.append((kind, file.read(length)))
        file.seek(-length % 8, 1)
    raise BadHeaderError("its header has too many extensions")


def _qcow(file: IO[bytes]) -> Header:
    place, length = struct.unpack(">8xQI", file.read(20))
    file.seek(36)
    if struct.unpack(">I", file.read(4))[0]:
        return Header(problem="is encrypted")
    return Header(_name(file, place, length) if place else "")


def _name(file: IO[bytes], place: int, length: int) -> str:
    if not 0 < length <= LONGEST_NAME or place > LONGEST_DESCRIPTOR * 32:
        raise BadHeaderError("the name of its backing file is nowhere")
    file.seek(place)
    name = file.read(length)
    if len(name) < length or b"\0" in name:
        raise BadHeaderError("the name of its backing file is cut off")
    return _text(name)


def _vmdk(file: IO[bytes]) -> Header:
    head = file.read(LONGEST_DESCRIPTOR)
    # QEMU looks for a parent where most descriptors are, wherever this one is
    usual, text, whole = head[SECTOR : SECTOR + USUAL_DESCRIPTOR], head, True
    if head.startswith(SPARSE):
        _capacity(head)
        place, count = struct.unpack("<28xQQ", head[:44])
        if place > LONGEST_DESCRIPTOR or count > LONGEST_DESCRIPTOR // SECTOR:
            raise BadHeaderError("its descriptor is nowhere")
        file.seek(place * SECTOR)
        text = file.read(count * SECTOR)
        whole = False  # its data is in this file, whatever the text says
    elif head.startswith(b"COWD"):
        text, whole = usual, False
    elif len(head) == LONGEST_DESCRIPTOR:
        raise BadHeaderError("its descriptor is too long")
    said = _text(
        text.replace(b"\0", b"\n")
    )  # at the first of them QEMU ends: we see more, not less
    parent = PARENT.search(said) or PARENT.search(_text(usual))
    extents, structured = _extents(said) if whole else ((), ())
    return Header(parent[1] if parent else "", "", extents, structured)


def _extents(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files of all extents that a VMDK's *text* names, and which of them have headers.

    Raises BadHeaderError for a line that QEMU may understand in another way than we do.
    """
    lines = [line for line in text.split("\n") if (line.split() or [""])[0] in ACCESS]
    if len(lines) > MOST_EXTENTS:
        raise BadHeaderError(f"it has more than {MOST_EXTENTS} extents")
    found = [EXTENT.fullmatch(line) for line in lines]
    matches = [match for match in found if match]
    if len(matches) < len(lines):
        raise BadHeaderError("a line of its text is that of no extent")
    every = tuple(each["bytes"] or each["image"] for each in matches)
    structured = tuple(each["image"] for each in matches if each["image"])
    return tuple(name for name in every if name), structured


def _vpc(file: IO[bytes]) -> Header:
    kinds = {
        struct.unpack(">I", each[60:64])[0]
        for each in (file.read(signatures.FOOTER), signatures.footer(file))
        if each.startswith(signatures.COOKIE)
    }
    return Header(problem="is only what differs from another disk" if DIFFERENCING in kinds else "")


def _vdi(file: IO[bytes]) -> Header:
    kind = struct.unpack("<76xI", file.read(80))[0]
    return Header(problem="" if kind in VDI_WHOLE else "is only what differs from another disk")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


READERS: dict[str, Callable[[IO[bytes]], Header]] = {
    "qcow2": _qcow2,
    "qcow": _qcow,
    "vmdk": _vmdk,
    "vpc": _vpc,
    "vdi": _vdi,
}
