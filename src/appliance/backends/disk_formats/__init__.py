"""Disk image formats. To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.disk_formats.qcow2 import Qcow2, Qcow2Plain
from appliance.backends.disk_formats.raw import Raw
from appliance.backends.disk_formats.raw_xz import RawXz
from appliance.errors import RequestError
from appliance.work import Work


class DiskFormat(Protocol):
    """How to turn a raw disk into one format. The same raw disk gives the same bytes.

    *suffix* is what its files' names end with; two ways to make one kind of file share it.
    """

    name: str
    suffix: str
    tools: tuple[str, ...]

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """Write *image* from *raw*, which stays as it is."""

    def size(self, image: Path) -> int:
        """The size of the disk that a machine sees of *image*, in bytes."""


KNOWN: dict[str, DiskFormat] = {kind.name: kind for kind in (Qcow2(), Qcow2Plain(), Raw(), RawXz())}


def find(name: str) -> DiskFormat:
    """Return the format called *name*; raise RequestError with those that exist."""
    if name not in KNOWN:
        raise RequestError(f"unknown disk format '{name}'", hint=", ".join(KNOWN))
    return KNOWN[name]


def images(place: Path) -> list[Path]:
    """The disk images in a directory, as their names tell, in order of names."""
    ends = tuple(f".{kind.suffix}" for kind in KNOWN.values())
    return sorted(path for path in place.iterdir() if path.name.endswith(ends))
