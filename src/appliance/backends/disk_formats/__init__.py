"""Disk image formats. To add one: write its file, add it to KNOWN."""

import difflib
from pathlib import Path
from typing import Protocol

from appliance.backends.disk_formats.containerdisk import ContainerDisk
from appliance.backends.disk_formats.qcow2 import QCOW2
from appliance.backends.disk_formats.qemu_img import verified
from appliance.backends.disk_formats.raw import Raw
from appliance.backends.disk_formats.raw_packed import RAW_PACKED
from appliance.backends.disk_formats.stream_vmdk import VmdkStream
from appliance.backends.disk_formats.vdi import Vdi
from appliance.backends.disk_formats.vhd import VHD
from appliance.backends.disk_formats.vhdx import Vhdx
from appliance.backends.disk_formats.vmdk import Vmdk
from appliance.errors import RequestError
from appliance.work import Conversion


class DiskFormat(Protocol):
    """How to turn a raw disk into one format. The same raw disk gives the same bytes.

    *name* is what people say, *suffix* what its files' names end with (two ways to make one kind
    of file share it), *says* a line for people, *compressed* whether packing it again would gain
    nothing, *driver* the block driver with which QEMU reads it and we check it, if it has one.
    """

    @property
    def name(self) -> str:
        """Its name, as `--format` takes it."""

    @property
    def suffix(self) -> str:
        """Without the dot before it."""

    @property
    def says(self) -> str:
        """What it is for, in a phrase for help texts."""

    @property
    def compressed(self) -> bool:
        """Whether images of this format are compressed, so that packing them again gains
        nothing."""

    @property
    def driver(self) -> str:
        """QEMU's name for it; empty where it has none, or where the bytes are the disk's."""

    @property
    def tools(self) -> tuple[str, ...]:
        """Of host/probe.py: whose versions count."""

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write *image* from *raw*, which stays as it is; see make(), which also checks it."""

    def size(self, image: Path) -> int:
        """The size of the disk that a machine sees of *image*, in bytes."""


KNOWN: dict[str, DiskFormat] = {
    kind.name: kind
    for kind in (
        *QCOW2,
        Raw(),
        *RAW_PACKED,
        Vdi(),
        *VHD,
        Vhdx(),
        Vmdk(),
        VmdkStream(),
        ContainerDisk(),
    )
}


def find(name: str) -> DiskFormat:
    """Return the format called *name*; raise RequestError with the nearest and the others."""
    if name in KNOWN:
        return KNOWN[name]
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.4)
    meant = f", did you mean '{near[0]}'?" if near else ""
    raise RequestError(f"unknown disk format '{name}'{meant}", hint=", ".join(KNOWN))


def make(work: Conversion, kind: DiskFormat, *, raw: Path, image: Path) -> None:
    """Write *image* from *raw* and check that it holds what *raw* does.

    Raises CommandError if a tool refuses or the image is wrong, OSError if the disk is full.
    """
    kind.convert(work, raw=raw, image=image)
    if kind.driver:
        verified(work, kind.driver, raw=raw, image=image)


def images(place: Path) -> list[Path]:
    """The disk images in a directory, as their names tell, in order of names."""
    ends = tuple(f".{kind.suffix}" for kind in KNOWN.values())
    return sorted(path for path in place.iterdir() if path.name.endswith(ends))
