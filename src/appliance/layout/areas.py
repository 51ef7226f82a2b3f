"""What is in each run of bytes of a disk: filesystems, and what holds others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from appliance.errors import Where
from appliance.layout.lvm import PhysicalGroup


@dataclass(frozen=True)
class Shown:
    """One subvolume of a btrfs, as it is mounted.

    *name*: the subvolume's name.
    *mount_point*: where it is mounted.
    *hidden*: the mount points below that have a place of their own: their files are not in it.
    """

    name: str
    mount_point: str
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Encrypted:
    """A LUKS2 container that is to be made; what is empty or 0 is cryptsetup's own choice.

    *uuid*: the UUID of the container.
    *name*: what the opened container is called.
    *source*: where its passphrase is (see appliance.recipe.volumes.Encryption); never the
        passphrase.
    *cipher*: the cipher, as cryptsetup names it.
    *derivation*: how a key is made of the passphrase: argon2id or pbkdf2.
    *memory*: the memory that the derivation takes, in KiB.
    *time*: how long the derivation takes, in milliseconds.
    *iterations*: the number of rounds of the derivation.
    """

    uuid: str
    name: str
    source: str
    cipher: str
    derivation: str
    memory: int
    time: int
    iterations: int


@dataclass(frozen=True)
class Physical:
    """What is in a physical volume of LVM.

    *group*: the whole volume group, as its metadata describes it.
    *number*: which of the group's physical volumes this is, from 0.
    *areas*: what is on the logical volumes that lie in it.
    """

    group: PhysicalGroup
    number: int
    areas: "tuple[Area, ...]"


@dataclass(frozen=True)
class Area:
    """A run of bytes of a disk, a physical volume or an encrypted container, and what is in it.

    *start*: the first byte, counted from where the disk, physical volume or container begins.
    *size*: the number of bytes.
    *filesystem*: the kind of the filesystem in it; empty if there is none.
    *uuid*: the filesystem's UUID.
    *mount_point*: where the filesystem is mounted; empty if nowhere.
    *hidden*: the mount points below this one that have a place of their own.
    *label*: the filesystem's label.
    *options*: what is passed to the filesystem's mkfs program.
    *where*: the line of the kickstart that asks for it.
    *mount_options*: the options that it is mounted with.
    *subvolumes*: the subvolumes of a btrfs.
    *way*: how the filesystem is filled, see appliance.backends.filesystems.
    *physical*: what is in it if it is a physical volume, else None.
    *encryption*: the container around all this, or None.
    *fitted*: True if it becomes as small as its content allows, which is known only once that is
        made.
    """

    start: int
    size: int
    filesystem: str
    uuid: str
    mount_point: str
    hidden: tuple[str, ...]
    label: str
    options: str
    where: Where
    mount_options: str = ""
    subvolumes: tuple[Shown, ...] = ()
    way: str = "mkfs"
    physical: Physical | None = None
    encryption: Encrypted | None = None
    fitted: bool = False


def all_areas(some: Iterable[Area]) -> Iterator[Area]:
    """Visit *some* areas, after each the logical volumes that lie on it."""
    for area in some:
        yield area
        yield from all_areas(area.physical.areas if area.physical else ())
