"""What is in each run of bytes of a disk: filesystems, and what holds others."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from appliance.errors import Where
from appliance.layout.lvm import PhysicalGroup


@dataclass(frozen=True)
class Shown:
    """One subvolume: what is mounted at *mount_point*, without what is below *hidden*."""

    name: str
    mount_point: str
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class Encrypted:
    """A LUKS2 container. *source* says where its passphrase is, and never holds it; for the rest
    see appliance.recipe.volumes.Encryption."""

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
    """The physical volume *number* of a volume group, with what is on its logical volumes."""

    group: PhysicalGroup
    number: int
    areas: "tuple[Area, ...]"


@dataclass(frozen=True)
class Area:
    """A run of bytes. *start* and *size* are bytes, *start* from where that begins which holds
    it: the disk, a physical volume, the inside of a container.

    *filesystem* is empty for one without. *hidden* are the mount points below this one that have
    a place of their own; *subvolumes* those of a btrfs. *way* is how it is filled, see
    appliance.backends.filesystems. With *encryption* all this is inside a container. *fitted*: it
    becomes as small as what is in it allows, which is known when it is made.
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
