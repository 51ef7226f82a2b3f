"""What is in a filesystem that no program reads out of a file: a kernel mounts it in a machine, and
packs what is in it."""

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import HostError, RecipeError
from appliance.filesystem_facts import BTRFS, HEAD, recognised
from appliance.host import kernel_machine
from appliance.units import MIB, SECTOR, align_up
from appliance.work import MachineDisk

# How each is mounted: nothing is written, no log is played back; of btrfs all subvolumes are seen.
OPTIONS = {"xfs": "ro,norecovery,nouuid", BTRFS: "ro,subvolid=5", "squashfs": "ro", "erofs": "ro"}
ROOM = 8  # bytes for what is packed, for each of the filesystem, which may be compressed
SECONDS = 600  # without a word
CHUNK = MIB
XATTR = "SCHILY.xattr."  # how tar's header of an extended attribute is called
SCRIPT = """\
mkdir -p /mnt
mount -t {kind} -o {options} /dev/vda /mnt
tar --create --file /dev/vdb --directory /mnt --sort=name --format=posix --sparse \\
  --numeric-owner --acls --xattrs '--xattrs-include=*' .
"""


@dataclass(frozen=True)
class Area:
    """A part of a raw disk: *start* and *size* in bytes of the file *path*."""

    path: Path
    start: int
    size: int


@dataclass(frozen=True)
class MountedFile:
    """One file as the kernel shows it.

    *kind*: tar's word for it: 0 for a file, 5 for a directory, 2 for a link.
    *mode*, *uid*, *gid*, *size*, *mtime*: as stat(2) has them; of a directory no size.
    *target*: where a link leads, or the file that it is one more name of.
    *device*: the numbers of a device.
    *attributes*: its extended attributes.
    *content*: the SHA-256 of what a regular file holds.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    target: str
    device: tuple[int, int]
    attributes: tuple[tuple[str, str], ...]
    content: str


def kind_of(area: Area) -> str:
    """The kind of the filesystem in *area*, if this is one that has to be mounted; else empty."""
    with area.path.open("rb") as file:
        file.seek(area.start)
        found = recognised(file.read(min(HEAD, area.size)))
    return found.family if found and found.family in OPTIONS else ""


def pack(area: Area, kind: str, target: Path, *, tools: Path, scratch: Path) -> None:
    """Write all that is in the filesystem of that *kind* into the tar file *target*; its root is
    called "." there. The kernel is one of the root *tools*, or else of this machine.

    Raises HostError if there is no kernel for it or no QEMU, CommandError if it is damaged.
    """
    with target.open("wb") as file:
        file.truncate(align_up(area.size * ROOM, MIB) + 64 * MIB)
    errand = kernel_machine.Errand(
        script=SCRIPT.format(kind=kind, options=OPTIONS[kind]),
        programs=("mkdir", "mount", "tar"),
        modules=(kind,),
        disks=(
            MachineDisk(area.path, area.start, area.size // SECTOR * SECTOR, writable=False),
            MachineDisk(target),
        ),
        files={},
        roots=tuple(dict.fromkeys((tools, Path("/")))),
        tools=Path("/"),
        clock=0,
        seconds=SECONDS,
    )
    try:
        kernel_machine.run(errand, scratch, on_line=lambda line: None)
    except RecipeError:
        raise HostError(
            f"{kind} is read by a kernel, and there is none here that can",
            hint="apt install linux-image-cloud-amd64, or --tools ROOT with a kernel in it",
        ) from None


def listed(packed: Path) -> Iterator[tuple[str, MountedFile]]:
    """Each file in what pack() wrote, by its path from the root of the filesystem on."""
    with tarfile.open(packed, "r:") as archive:
        for member in archive:
            content = hashlib.sha256()
            stream = archive.extractfile(member) if member.isreg() else None
            while stream and (piece := stream.read(CHUNK)):
                content.update(piece)
            attributes = {
                name.removeprefix(XATTR): value
                for name, value in member.pax_headers.items()
                if name.startswith(XATTR)
            }
            yield (
                f"/{member.name.removeprefix('.').strip('/')}",
                MountedFile(
                    kind=(tarfile.REGTYPE if member.isreg() else member.type).decode("latin-1"),
                    mode=member.mode,
                    uid=member.uid,
                    gid=member.gid,
                    size=member.size if member.isreg() else 0,
                    mtime=float(member.pax_headers.get("mtime", member.mtime)),
                    target=member.linkname,
                    device=(member.devmajor, member.devminor) if member.isdev() else (0, 0),
                    attributes=tuple(sorted(attributes.items())),
                    content=content.hexdigest() if member.isreg() else "",
                ),
            )
            member.sparse, member.pax_headers = None, {}  # the archive keeps every member
