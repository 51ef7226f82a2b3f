"""What lies below LUKS and LVM in a part of a disk: every place where a filesystem may begin.

Nothing of this touches the device mapper of this machine: what LUKS hides is copied out by a kernel
in a machine, and a logical volume in several pieces is put together as a file.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.intake import luks
from appliance.intake.mounted import Area
from appliance.layout import lvm_reading
from appliance.units import MIB

DEEPEST = 4  # layers upon each other


@dataclass(frozen=True)
class Means:
    """What it takes to read what others have made.

    *tools*: the root with a kernel for what only kernels read, if this machine has none.
    *passphrases*: those that may open what is encrypted, each of them tried.
    """

    tools: Path = Path("/")
    passphrases: tuple[str, ...] = field(default=(), repr=False)


USUAL = Means()


@dataclass(frozen=True)
class Volume:
    """A place where a filesystem may begin: *name* says what it is of its partition, in words, and
    is empty for the partition itself."""

    name: str
    area: Area


def volumes(area: Area, means: Means, scratch: Path, *, depth: int = DEEPEST) -> Iterator[Volume]:
    """Each place below *area*, at most *depth* layers down. A container that nothing opens is one
    itself. Copies are made in *scratch*, and stay there.

    Raises as luks.decrypt(), and RequestError if no passphrase is right.
    """
    if depth and luks.is_container(area) and means.passphrases:
        inside = luks.decrypt(area, means.passphrases, _unused(scratch), tools=means.tools)
        below = ((f"decrypted {one.name}".strip(), one) for one in
                 volumes(inside, means, scratch, depth=depth - 1))  # fmt: skip
    elif depth and (group := content(area)):
        below = (
            (f"volume {group.group}/{name} {one.name}".strip(), one)
            for name, pieces in group.pieces().items()
            for one in volumes(put_together(area, pieces, scratch), means, scratch, depth=depth - 1)
        )
    else:
        yield Volume("", area)
        return
    for name, one in below:
        yield Volume(name, one.area)


def content(area: Area) -> lvm_reading.PhysicalContent | None:
    """What the physical volume in *area* holds; None if it is none."""
    with area.path.open("rb") as file:
        file.seek(area.start)
        return lvm_reading.read(file.read(min(lvm_reading.HEAD, area.size)), area.size)


def put_together(area: Area, pieces: Sequence[tuple[int, int]], scratch: Path) -> Area:
    """The logical volume that lies in *pieces* of *area*: where it is, or a copy in *scratch* if
    it is in several places. Of a disk that is cut off, the rest is zeros."""
    if len(pieces) == 1:
        return Area(area.path, area.start + pieces[0][0], pieces[0][1])
    target, at = _unused(scratch), 0
    with area.path.open("rb") as source, target.open("wb") as copy:
        for start, size in pieces:
            for place, piece in _data(source.fileno(), area.start + start, size):
                copy.seek(at + place)
                copy.write(piece)
            at += size
        copy.truncate(at)
    return Area(target, 0, at)


def _data(file: int, start: int, size: int) -> Iterator[tuple[int, bytes]]:
    """The bytes of a stretch of *file* that are not in a hole, each with its place from *start*."""
    at = 0
    while at < size:
        try:
            at = max(at, os.lseek(file, start + at, os.SEEK_DATA) - start)
        except OSError:  # nothing but a hole up to the end
            return
        piece = os.pread(file, min(MIB, size - at), start + at) if at < size else b""
        if piece:
            yield at, piece
        at += MIB


def _unused(scratch: Path) -> Path:
    """A file in *scratch* that is not there yet."""
    return next(path for n in range(10_000) if not (path := scratch / f"volume-{n}").exists())
