"""Where the filesystems of an image are, and the tree of files that each of them holds."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.errors import ApplianceError
from appliance.filesystem_facts import EXT, FAT
from appliance.intake import layers, luks, mounted
from appliance.intake.layers import Means
from appliance.intake.mounted import OPTIONS, Area
from appliance.intake.partitions import Partition, PartitionTable
from appliance.intake.trees.ext import ExtTree
from appliance.intake.trees.fat import FatTree
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.packed import PackedTree
from appliance.intake.trees.superblocks import LUKS, Superblock, superblock
from appliance.intake.trees.window import Window, window
from appliance.work.file_tree import FileTree

READERS: dict[str, Callable[[Window], FileTree]] = {EXT: ExtTree, FAT: FatTree}


VOLUME = re.compile(r".*volume (\S+/\S+)")
ENCRYPTED = "it is encrypted (LUKS)"
ELSEWHERE = "it lies on other disks, too"


@dataclass(frozen=True)
class SeenDisk:
    """A disk of the image.

    *name*: what its bundle calls it, or that of its file.
    *raw*: the file with its bytes as a guest sees them, while the image is open.
    *size*: its size in bytes.
    *table*: its partitions.
    """

    name: str
    raw: Path
    size: int
    table: PartitionTable


@dataclass(frozen=True)
class Place:
    """A part of a disk in which a filesystem may be.

    *disk*: the name of the disk.
    *name*: which part of it: partition 2, volume vg/root, or the whole disk.
    *area*: where its bytes are, in the raw disk.
    *partition*: the partition; None for a disk without a table.
    *volume*: the logical volume, as group/name; empty for none.
    *container*: the UUID of the LUKS container that it is in; empty for none.
    *said*: what its first bytes say of it.
    *tree*: the files in it; None if there are none, or nothing here reads them.
    *mount_point*: where fstab has it, or the first place of several; empty if nowhere.
    *problem*: why there is no tree.
    """

    disk: str
    name: str
    area: Area
    partition: Partition | None = None
    volume: str = ""
    container: str = ""
    said: Superblock = field(default_factory=Superblock)
    tree: FileTree | None = None
    mount_point: str = ""
    problem: str = ""

    @property
    def kind(self) -> str:
        """The filesystem, as mount calls it."""
        return self.said.kind

    @property
    def used(self) -> int:
        """Bytes of it that are taken; -1 where only a kernel knows."""
        return self.said.size - self.said.free if self.said.free >= 0 else -1


@dataclass(frozen=True)
class Reading:
    """How to read what others have made: by *means*, with files in the directory *scratch*. What
    only a kernel reads is read if *kernel* is true."""

    means: Means
    scratch: Path
    kernel: bool = True


def places_of(disk: SeenDisk, how: Reading, stack: ExitStack) -> Iterator[Place]:
    """Each place of the *disk*, with its tree; what is opened for that, *stack* closes."""
    whole = Area(disk.raw, 0, disk.size)
    if not disk.table.partitions:
        yield from _within(Place(disk.name, "whole disk", whole), how, stack)
    for part in disk.table.partitions:
        area = Area(disk.raw, part.start, part.size)
        yield from _within(Place(disk.name, f"partition {part.number}", area, part), how, stack)


def _within(place: Place, how: Reading, stack: ExitStack) -> Iterator[Place]:
    """The *place*, or those below it: logical volumes, and what is in a container that a passphrase
    opens."""
    container = _container(place.area)
    try:
        found = list(layers.volumes(place.area, how.means, how.scratch))
    except ApplianceError as error:
        said = Superblock(LUKS if container else "", uuid=container)
        yield replace(place, said=said, problem=_told(error))
        return
    for volume in found:
        named = VOLUME.search(volume.name)
        yield _opened(
            replace(
                place,
                area=volume.area,
                name=volume.name or place.name,
                volume=named[1] if named else "",
                container=container if volume.area != place.area else "",
            ),
            how,
            stack,
        )
    group = layers.content(place.area)
    for name in group.others if group else ():
        whole = f"{group.group}/{name}" if group else name
        nowhere = Area(place.area.path, place.area.start, 0)
        yield replace(place, area=nowhere, name=f"volume {whole}", volume=whole, problem=ELSEWHERE)


def _opened(place: Place, how: Reading, stack: ExitStack) -> Place:
    """*place* with its tree, or with the problem why it has none."""
    area = place.area
    source = stack.enter_context(window(area.path, area.start, area.size))
    said = Superblock()
    try:
        said = superblock(source)
        tree, problem = _tree(said, source, area, how), ""
        if tree is None and said.family == LUKS:
            problem = ENCRYPTED
    except DamagedError as error:
        tree, problem = None, f"it is damaged: {error}"
    except ApplianceError as error:
        tree, problem = None, _told(error)
    return replace(place, said=said, tree=tree, problem=problem)


def _container(area: Area) -> str:
    """The UUID of the LUKS container in *area*; empty if it is none."""
    if not luks.is_container(area):
        return ""
    with window(area.path, area.start, area.size) as source:
        return superblock(source).uuid


def _told(error: ApplianceError) -> str:
    return f"{error.problem} (try: {error.hint})" if error.hint else error.problem


def _tree(said: Superblock, source: Window, area: Area, how: Reading) -> FileTree | None:
    """The files of the filesystem; None if there are none, or it is not to be read.

    Raises DamagedError, or as mounted.pack().
    """
    if reader := READERS.get(said.family):
        return reader(source)
    if said.family not in OPTIONS or not how.kernel:
        return None
    packed = how.scratch / f"packed-{area.path.name}-{area.start}"
    mounted.pack(area, said.family, packed, tools=how.means.tools, scratch=how.scratch)
    return PackedTree(packed)
