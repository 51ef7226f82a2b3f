"""The formats of disk images. To add one: write its file, add it to KNOWN."""

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from appliance.backends.disk_formats import stream_vmdk, vhdx_blocks
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
from appliance.bundle.model import Artifact
from appliance.errors import RequestError, Where
from appliance.units import GIB, show
from appliance.work import Conversion


class DiskFormat(Protocol):
    """How to turn a raw disk into an image of one format. The same raw disk gives the same bytes.
    Formats that are two ways to make one kind of file share a suffix."""

    @property
    def name(self) -> str:
        """The name of the format, as `--format` takes it."""

    @property
    def suffix(self) -> str:
        """What the names of its files end with, without the dot before it."""

    @property
    def says(self) -> str:
        """What the format is for, in a phrase for help texts."""

    @property
    def compressed(self) -> bool:
        """Whether images of this format are compressed, so that packing them again gains
        nothing."""

    @property
    def driver(self) -> str:
        """The block driver with which QEMU reads an image, and make() checks it; empty where
        there is none, or where the image's bytes are the disk's."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools of host/tools.py that it needs, and whose versions count for the bytes."""

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write *image* from *raw*, which stays as it is. make() does this and checks the image.

        Raises CommandError if a tool fails, OSError if the disk is full.
        """

    def size(self, image: Path) -> int:
        """Return the size of the disk that a machine sees in *image*, in bytes."""


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


# Those of which somebody asks how much of the disk they hold.
COUNTED: dict[str, Callable[[Path], int]] = {VmdkStream.name: stream_vmdk.populated}


# The largest disks that a format holds, in bytes; one that is not here holds all that we make.
# VHD: "Virtual Hard Disk Image Format Specification" 1.0, and QEMU's block/vpc.c; VHDX: [MS-VHDX].
LARGEST = {
    "vhd": 2040 * GIB,
    "vhd-fixed": 2040 * GIB,
    "vhdx": 64 * 1024 * GIB,
    "vmdk-stream": stream_vmdk.LARGEST,
}


def check_size(name: str, size: int, where: Where | None = None) -> None:
    """Raise RequestError if the format *name* does not hold a disk of *size* bytes, whose place in
    the kickstart is *where*."""
    most = LARGEST.get(name, size)
    if size > most:
        raise RequestError(
            f"{name} holds a disk of at most {most // GIB} GiB: this one has "
            f"{show(size - most)} more",
            hint="-f qcow2, or a smaller disk",
            where=where,
        )


def artifact(kind: DiskFormat, image: Path, *, disk: str, path: str, sha256: str) -> Artifact:
    """What can be said of *image*, which make() wrote in the format *kind*, of the disk called
    *disk*; *path* is what it is handed over as."""
    counted = COUNTED.get(kind.name)
    return Artifact(
        disk=disk,
        path=path,
        disk_format=kind.name,
        size=kind.size(image),
        sha256=sha256,
        file_size=image.stat().st_size,
        populated=counted(image) if counted else 0,
    )


def find(name: str) -> DiskFormat:
    """Return the format called *name*; raise RequestError with all names, and the nearest, if
    there is none."""
    if name in KNOWN:
        return KNOWN[name]
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.4)
    meant = f", did you mean '{near[0]}'?" if near else ""
    raise RequestError(f"unknown disk format '{name}'{meant}", hint=", ".join(KNOWN))


def make(work: Conversion, kind: DiskFormat, *, raw: Path, image: Path) -> None:
    """Write *image* from *raw* in the format *kind*, and check that it holds the same disk.

    Raises RequestError if the disk is too large for it, CommandError if a tool fails or the image
    is wrong, OSError if the disk is full.
    """
    if kind.name in LARGEST:
        check_size(kind.name, raw.stat().st_size)
    kind.convert(work, raw=raw, image=image)
    if kind.driver:
        verify = vhdx_blocks.verified if kind.name == Vhdx.name else verified
        verify(work, kind.driver, raw=raw, image=image)


def images(place: Path) -> list[Path]:
    """Return the files in the directory *place* whose names end as those of disk images do, in
    order of names."""
    ends = tuple(f".{kind.suffix}" for kind in KNOWN.values())
    return sorted(path for path in place.iterdir() if path.name.endswith(ends))
