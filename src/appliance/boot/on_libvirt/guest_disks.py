"""The files that a machine of libvirt has its disks in: its own, the image's stay as they are."""

import errno
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.boot.on_libvirt.domain import GuestDisk
from appliance.errors import HostError, RequestError
from appliance.host import command
from appliance.intake import compressed_disks as compressed
from appliance.intake.digests import compare
from appliance.intake.disk_images import unpacked
from appliance.intake.images import Disk
from appliance.intake.trust import CALLED
from appliance.intake.virt_image import Boot, StoredDisk, VirtImage
from appliance.intake.virt_image_machine import disk_of
from appliance.units import show

Say = Callable[[str], None]


@dataclass(frozen=True)
class OwnDisk:
    """How a guest comes to one of its disks.

    *stored*: the disk as the image's description has it.
    *original*: the image's file.
    *how*: itself (the image's file is used), overlay (a qcow2 file that holds what the guest
        writes), copy, unpack, or empty (made new, *stored*.size bytes).
    *path*: the file that the guest uses.
    *target*: the device that the guest has it as: vda.
    """

    stored: StoredDisk
    original: Path
    how: str
    path: Path
    target: str

    @property
    def guest_disk(self) -> GuestDisk:
        """The disk as libvirt is told of it."""
        said = self.stored.disk_format
        shown = "qcow2" if self.how == "overlay" else CALLED[said]
        return GuestDisk(self.path, shown, self.target, cdrom=said == "iso")


@dataclass(frozen=True)
class Keeping:
    """Where what a machine writes is kept.

    *guest*: the machine's name, with which the names of its files begin.
    *place*: the directory of these files; None means beside the image's files.
    *in_place*: True if the machine writes into the image's own files.
    """

    guest: str
    place: Path | None = None
    in_place: bool = False


def own_disks(
    description: VirtImage,
    boot: Boot,
    targets: tuple[str, ...],
    keeping: Keeping,
) -> tuple[OwnDisk, ...]:
    """What each disk of *boot* will be, kept as *keeping* says. Raises RequestError if a system
    disk is not there."""
    return tuple(
        _own(description, boot, drive.disk, target, keeping)
        for drive, target in zip(boot.drives, targets, strict=True)
    )


def _own(
    description: VirtImage,
    boot: Boot,
    stored: StoredDisk,
    target: str,
    keeping: Keeping,
) -> OwnDisk:
    in_place = keeping.in_place
    disk_of(stored, description)
    original = description.place(stored.file)
    there = original.is_file()
    if there and (stored.disk_format == "iso" or (in_place and not compressed.is_packed(original))):
        return OwnDisk(stored, original, "itself", original, target)
    if there and compressed.is_packed(original):
        if in_place:
            raise RequestError(
                f"{stored.file} is packed: nothing can be kept in it",
                hint=f"{compressed.by_hand(original)}, or leave --in-place out",
                where=stored.where,
            )
        how, suffix = "unpack", Path(original.stem).suffix
    elif there:
        # pygrub reads what it starts from a raw disk
        plain = boot.kind == "xen" and stored.disk_format == "raw"
        how, suffix = ("copy", original.suffix) if plain else ("overlay", ".qcow2")
    else:
        how, suffix = "empty", original.suffix
        if in_place:
            return OwnDisk(stored, original, how, original, target)
    stem = original.name.split(".")[0]
    name = f"{keeping.guest.replace('/', '-')}-{target}-{stem}{suffix}"
    place = (keeping.place or original.parent).resolve()
    return OwnDisk(stored, original, how, place / name, target)


def verify(disks: tuple[OwnDisk, ...], path: Path) -> None:
    """Compare what the image ships with what *path* states of it; raises RequestError."""
    for disk in disks:
        if disk.original.is_file():
            stored = disk.stored
            compare(disk.original, path, sha256_=stored.sha256, sha1=stored.sha1)


def make(disks: tuple[OwnDisk, ...], *, replace: bool, say: Say) -> tuple[Path, ...]:
    """Make the files; returns those that were made. After an error there are none of them.

    Raises RequestError where one of that name is there already, unless *replace*.
    """
    made: list[Path] = []
    originals = {disk.original.resolve() for disk in disks if disk.how != "empty"}
    try:
        for disk in disks:
            if disk.how == "itself":
                continue
            if disk.path.exists() and not replace:
                raise RequestError(
                    f"{disk.path} is there already", hint="--replace, or another --name"
                )
            if disk.path.resolve() in originals:
                raise RequestError(f"{disk.path} is the image's own", hint="another --name")
            disk.path.unlink(missing_ok=True)
            made.append(disk.path)
            MAKERS[disk.how](disk)
            say(f"{disk.target}: {disk.path} ({SAYS[disk.how]})")
    except OSError as error:
        remove(made)
        kind = HostError if error.errno in (errno.ENOSPC, errno.EDQUOT) else RequestError
        raise kind(
            f"{error.filename or made[-1]} cannot be written: {error.strerror}",
            hint="--disks DIR puts the guest's disks elsewhere",
        ) from None
    except BaseException:
        remove(made)
        raise
    return tuple(made)


def remove(paths: list[Path] | tuple[Path, ...]) -> None:
    """Remove the files *paths*, which make() has made; files that are gone already are no error."""
    for path in paths:
        path.unlink(missing_ok=True)


def _overlay(disk: OwnDisk) -> None:
    kind = CALLED[disk.stored.disk_format]
    disk.path.touch()  # says what is wrong with the place better than qemu-img does
    command.run(
        [
            "qemu-img",
            "create",
            "-q",
            "-f",
            "qcow2",
            "-b",
            disk.original.resolve(),
            "-F",
            kind,
            disk.path,
        ]
    )


def _copy(disk: OwnDisk) -> None:
    disk.path.touch()
    command.run(["cp", "--sparse=always", "--reflink=auto", "--", disk.original, disk.path])


def _empty(disk: OwnDisk) -> None:
    if disk.stored.disk_format != "raw":
        disk.path.touch()
        kind = CALLED[disk.stored.disk_format]
        command.run(["qemu-img", "create", "-q", "-f", kind, disk.path, str(disk.stored.size)])
        return
    free = shutil.disk_usage(disk.path.parent).free
    with disk.path.open("wb") as file:
        if disk.stored.size > free * 1024:  # sparse, but not without end
            raise RequestError(f"no room for {show(disk.stored.size)}", where=disk.stored.where)
        file.truncate(disk.stored.size)


def _unpack(disk: OwnDisk) -> None:
    unpacked(Disk(disk.original, CALLED[disk.stored.disk_format], packed=True), disk.path)


MAKERS: dict[str, Callable[[OwnDisk], None]] = {
    "overlay": _overlay,
    "copy": _copy,
    "empty": _empty,
    "unpack": _unpack,
}
SAYS = {
    "overlay": "holds what it writes; the image's disk stays as it is, and where it is",
    "copy": "a copy",
    "empty": "empty",
    "unpack": "unpacked",
}
