"""Everything that the running system mounts or swaps to, wherever on the disks it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from appliance.errors import RecipeError, Where
from appliance.filesystem_facts import LVM, facts
from appliance.layout.identity import fat_id
from appliance.layout.storage import (
    Encrypted,
    Filesystem,
    Node,
    Partition,
    Storage,
    Subvolume,
    Swap,
    walk,
)

LUKS = "luks"
FAT_IDENTITY = 4  # bytes that FAT keeps of a UUID
EARLY = ("/", "/usr")  # what an initramfs mounts


@dataclass(frozen=True)
class Content:
    """One line of a table of mounts, such as fstab(5).

    *held*: the filesystem or swap space.
    *node*: where in the tree of storage that is.
    *subvolume*: the subvolume that is mounted, if it is not the whole filesystem.
    """

    held: Filesystem | Swap
    node: Node
    subvolume: Subvolume | None = None

    @property
    def mount_point(self) -> str:
        """Where it is mounted; empty for swap."""
        if isinstance(self.held, Swap):
            return ""
        return self.subvolume.mount_point if self.subvolume else self.held.mount_point

    @property
    def mount_options(self) -> str:
        """With which options, as far as somebody asked for some."""
        return self.subvolume.mount_options if self.subvolume else self.held.mount_options

    @property
    def hibernation(self) -> bool:
        """True if the machine is resumed from this swap space."""
        return isinstance(self.held, Swap) and self.held.hibernation

    @property
    def where(self) -> Where:
        """The line that asks for the partition or the logical volume that it is on."""
        return self.node.place.where

    @property
    def logical(self) -> str:
        """GROUP/NAME of the logical volume that it is on; empty if it is on a partition."""
        return self.node.logical

    @property
    def containers(self) -> tuple[Encrypted, ...]:
        """What is to be opened before it can be read, the outermost first."""
        return self.node.containers

    @property
    def source(self) -> str:
        """How fstab and the kernel name it: by its UUID, or if it keeps none by the partition or
        volume that holds it."""
        if shown := shown_uuid(self.held):
            return f"UUID={shown}"
        place = self.node.place
        if isinstance(place.holds, Encrypted):
            return f"/dev/mapper/{self.containers[-1].name}"
        if isinstance(place, Partition):
            return f"PARTUUID={place.partuuid}"
        names = (name.replace("-", "--") for name in self.logical.split("/"))
        return f"/dev/mapper/{'-'.join(names)}"


def shown_uuid(held: Filesystem | Swap) -> str:
    """Return what a filesystem keeps of its UUID, as blkid prints it; empty if it keeps nothing."""
    kept = facts(held.kind).identity
    return {0: "", FAT_IDENTITY: fat_id(held.uuid)}.get(kept, held.uuid)


def contents(storage: Storage) -> tuple[Content, ...]:
    """List what is mounted or swapped to: partitions in the order of their lines, then logical
    volumes, then subvolumes.

    So the tables of the system name swap spaces and containers in an order that people chose.
    """
    found = (content for node in walk(storage) for content in _mounted(node))
    return tuple(sorted(found, key=_turn))


def _mounted(node: Node) -> Iterator[Content]:
    if isinstance(node.held, Swap):
        yield Content(node.held, node)
    elif isinstance(node.held, Filesystem):
        if node.held.mount_point:
            yield Content(node.held, node)
        yield from (Content(node.held, node, each) for each in node.held.subvolumes)


def _turn(content: Content) -> tuple[int, int]:
    place = content.node.place
    if not isinstance(place, Partition):
        return 1, 0
    divided = isinstance(content.held, Filesystem) and bool(content.held.subvolumes)
    return 2 if divided else 0, place.order


def root_of(storage: Storage) -> Content:
    """What is mounted at /. Raises RecipeError if nothing is."""
    for content in contents(storage):
        if content.mount_point == "/":
            return content
    raise RecipeError("no partition is mounted at /", hint="part / --size=2048 --grow")


def mount_points(storage: Storage) -> tuple[str, ...]:
    """Return every path at which *storage* mounts something, in the order of contents()."""
    return tuple(content.mount_point for content in contents(storage) if content.mount_point)


def early(storage: Storage) -> tuple[Content, ...]:
    """What an initramfs mounts or resumes from, before anything of the system itself runs."""
    return tuple(
        content
        for content in contents(storage)
        if content.mount_point in EARLY or content.hibernation
    )


def opens_late(storage: Storage) -> bool:
    """Whether there are containers that no initramfs opens."""
    opened = {one.uuid for content in early(storage) for one in content.containers}
    everything = (one for content in contents(storage) for one in content.containers)
    return any(one.uuid not in opened for one in everything)


def kinds(some: Iterable[Content]) -> frozenset[str]:
    """Name what a system must be able to use for *some* contents: filesystems by their names, lvm,
    luks."""
    return frozenset(
        kind
        for content in some
        for kind in (
            content.held.kind,
            *((LVM,) if content.logical else ()),
            *((LUKS,) if content.containers else ()),
        )
    )
