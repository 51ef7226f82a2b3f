"""What the disks of an appliance hold, as a tree: disk, partition, and what is in that.

It is complete (nothing is left for a distribution to choose) and says how large everything is
asked to be; where it goes is decided later, by place() and lvm.lay_out(). A volume group may lie
on several partitions, so groups stand beside the disks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from appliance.errors import Where
from appliance.filesystem_facts import LVM, SWAP
from appliance.recipe.volumes import Encryption, MemoryVolume


@dataclass(frozen=True)
class Subvolume:
    """One subvolume of a btrfs, and where and how it is mounted."""

    name: str
    mount_point: str
    mount_options: str = ""


@dataclass(frozen=True)
class Filesystem:
    """A filesystem with files.

    *kind*: its name in a kickstart (efi is a FAT for firmware).
    *uuid*: its UUID, all of it, even where the filesystem keeps only a part.
    *mount_point*: where it is mounted; empty if it is not mounted as a whole.
    *label*: its label; empty if it has none.
    *mount_options*: the options that it is mounted with.
    *make_options*: what is passed to its mkfs program.
    *subvolumes*: its subvolumes, which may be mounted by themselves; only a btrfs has some.
    """

    kind: str
    uuid: str
    mount_point: str = ""
    label: str = ""
    mount_options: str = ""
    make_options: str = ""
    subvolumes: tuple[Subvolume, ...] = ()


@dataclass(frozen=True)
class Swap:
    """A swap space. *hibernation*: the machine is resumed from it."""

    kind: ClassVar[str] = SWAP
    uuid: str
    label: str = ""
    mount_options: str = ""
    make_options: str = ""
    hibernation: bool = False


@dataclass(frozen=True)
class PhysicalVolume:
    """Number *number*, from 0, of the physical volumes of the volume group called *group*."""

    kind: ClassVar[str] = LVM
    group: str
    number: int


@dataclass(frozen=True)
class Bare:
    """Bytes that no filesystem is made in. *kind* says what for: biosboot, prepboot, extended, or
    lvm for a physical volume of no group."""

    kind: str


Opened: TypeAlias = Filesystem | Swap | PhysicalVolume | Bare


@dataclass(frozen=True)
class Encrypted:
    """A LUKS container; *encryption* is what the author says of it."""

    uuid: str
    encryption: Encryption
    holds: "Opened | Encrypted"

    @property
    def name(self) -> str:
        """What the opened volume is called."""
        return f"luks-{self.uuid}"


Held: TypeAlias = Opened | Encrypted


@dataclass(frozen=True)
class Partition:
    """A partition that is to be made.

    *where*: the line of the kickstart that asks for it.
    *size*: its size in bytes; 0 if only its content decides.
    *holds*: what is in it.
    *grow*: True if it takes a share of the space left over.
    *maximum*: the most bytes that it may grow to; 0 means no limit.
    *primary*: True if its author wants it to be a primary partition of an MBR.
    *type_id*: the type that its author asks for; empty means the usual one for what it holds.
    *order*: its place among all partitions of the appliance as the kickstart lists them, from 0:
        tables of the running system keep that order.
    *partuuid*: how the kernel names it after PARTUUID=.
    *number*: its number in the table; 0 for the next free one.
    *start*: its first byte; 0 for behind the one before it.
    """

    where: Where
    size: int
    holds: Held
    grow: bool = False
    maximum: int = 0
    primary: bool = False
    type_id: str = ""
    order: int = 0
    partuuid: str = ""
    number: int = 0
    start: int = 0


@dataclass(frozen=True)
class Disk:
    """A disk with a *table* (gpt, dos) and partitions in the order of the kickstart. *size* is
    bytes; None: the least that everything fits on, and at least the bytes of *least*."""

    name: str
    table: str
    partitions: tuple[Partition, ...]
    size: int | None = None
    least: int = 0


@dataclass(frozen=True)
class LogicalVolume:
    """A logical volume that is to be made.

    *name*: its name in the group.
    *uuid*: its UUID, as LVM spells one, in 32 letters.
    *where*: the line of the kickstart that asks for it.
    *size*: its size in bytes.
    *holds*: what is in it.
    *grow*: True if it takes a share of the space left over.
    *maximum*: the most bytes that it may grow to; 0 means no limit.
    *percent*: its size in percent of the group's space, instead of bytes; 0 means that none is
        given.
    """

    name: str
    uuid: str
    where: Where
    size: int
    holds: Held
    grow: bool = False
    maximum: int = 0
    percent: int = 0


@dataclass(frozen=True)
class VolumeGroup:
    """A volume group that is to be made.

    *name*: the group's name.
    *uuid*: its UUID, as LVM spells one.
    *where*: the line of the kickstart that asks for it.
    *physical_volumes*: the UUIDs of its physical volumes, as LVM spells them.
    *volumes*: its logical volumes, in the order of the kickstart.
    *extent_size*: the size of an extent in bytes.
    *reserved*: how many bytes stay free.
    *reserved_percent*: how many percent of the group stay free.
    """

    name: str
    uuid: str
    where: Where
    physical_volumes: tuple[str, ...]
    volumes: tuple[LogicalVolume, ...]
    extent_size: int
    reserved: int = 0
    reserved_percent: int = 0


@dataclass(frozen=True)
class Storage:
    """Everything that an appliance stores files in, or swaps to. *in_memory* are filesystems that
    are on no disk."""

    disks: tuple[Disk, ...] = ()
    groups: tuple[VolumeGroup, ...] = ()
    in_memory: tuple[MemoryVolume, ...] = ()


@dataclass(frozen=True)
class Node:
    """One thing in the tree of storage, and the way to it.

    *held*: the thing itself: a filesystem, a container and so on.
    *place*: the partition or logical volume that it is on.
    *owner*: the disk of that partition, or the group of that logical volume.
    *containers*: the encrypted containers that must be open before it can be read, the outermost
        first; those around physical volumes of its group are among them.
    """

    held: Held
    place: Partition | LogicalVolume
    owner: Disk | VolumeGroup
    containers: tuple[Encrypted, ...] = ()

    @property
    def logical(self) -> str:
        """GROUP/NAME of the logical volume that it is on; empty if it is on a partition."""
        place = self.place
        return f"{self.owner.name}/{place.name}" if isinstance(place, LogicalVolume) else ""


def walk(storage: Storage) -> Iterator[Node]:
    """Visit everything: disk by disk what each partition holds, then the groups' logical volumes;
    a container before what is in it."""
    around: dict[str, tuple[Encrypted, ...]] = {}
    for disk in storage.disks:
        for partition in disk.partitions:
            for node in _into(Node(partition.holds, partition, disk)):
                if isinstance(node.held, PhysicalVolume):
                    group = node.held.group
                    around[group] = (*around.get(group, ()), *node.containers)
                yield node
    for owner in storage.groups:
        for volume in owner.volumes:
            yield from _into(Node(volume.holds, volume, owner, around.get(owner.name, ())))


def _into(node: Node) -> Iterator[Node]:
    """*node*, and if it is a container all that is in it."""
    yield node
    if isinstance(node.held, Encrypted):
        inner = (*node.containers, node.held)
        yield from _into(Node(node.held.holds, node.place, node.owner, inner))


def opened(held: Held) -> Opened:
    """Return what is in *held* once every container around it is open."""
    return opened(held.holds) if isinstance(held, Encrypted) else held
