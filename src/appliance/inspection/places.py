"""Where the filesystems of an image are, and the tree of files that each of them holds."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.errors import ApplianceError
from appliance.filesystem_facts import EXT, FAT
from appliance.intake import mounted
from appliance.intake.mounted import OPTIONS, Area
from appliance.intake.partitions import Partition, PartitionTable
from appliance.intake.trees.ext import ExtTree
from appliance.intake.trees.fat import FatTree
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.packed import PackedTree
from appliance.intake.trees.superblocks import LUKS, Superblock, superblock
from appliance.intake.trees.window import Window, window
from appliance.layout import lvm_reading
from appliance.work.file_tree import FileTree

READERS: dict[str, Callable[[Window], FileTree]] = {EXT: ExtTree, FAT: FatTree}


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
class Kernel:
    """Who reads the filesystems that only a kernel reads: one of the root *tools* or of this
    machine, with files in the directory *scratch*; if not *wanted*, nobody."""

    tools: Path
    scratch: Path
    wanted: bool = True


def places_of(disk: SeenDisk, kernel: Kernel, stack: ExitStack) -> Iterator[Place]:
    """Each place of the *disk*, with its tree; what is opened for that, *stack* closes."""
    whole = Area(disk.raw, 0, disk.size)
    parts = disk.table.partitions
    if not parts:
        yield _opened(Place(disk.name, "whole disk", whole), kernel, stack)
    for part in parts:
        area = Area(disk.raw, part.start, part.size)
        place = Place(disk.name, f"partition {part.number}", area, part)
        for each in _volumes(place) or (place,):
            yield _opened(each, kernel, stack)


def _volumes(place: Place) -> tuple[Place, ...]:
    """The logical volumes of a physical one; none if it is none."""
    area = place.area
    with window(area.path, area.start, area.size) as source:
        group = lvm_reading.read(source.read(0, lvm_reading.HEAD), area.size)
    if group is None:
        return ()
    found = tuple(
        Place(
            disk=place.disk,
            name=f"volume {group.group}/{each.name}",
            area=Area(area.path, area.start + each.start, each.size),
            partition=place.partition,
            volume=f"{group.group}/{each.name}",
        )
        for each in group.places
    )
    others = tuple(
        Place(
            disk=place.disk,
            name=f"volume {group.group}/{name}",
            area=Area(area.path, area.start, 0),
            partition=place.partition,
            volume=f"{group.group}/{name}",
            problem="it lies in several pieces, or on other disks, too",
        )
        for name in group.others
    )
    return found + others


def _opened(place: Place, kernel: Kernel, stack: ExitStack) -> Place:
    """*place* with its tree, or with the problem why it has none."""
    if not place.area.size:
        return place
    area = place.area
    source = stack.enter_context(window(area.path, area.start, area.size))
    said = Superblock()
    try:
        said = superblock(source)
        tree, problem = _tree(said, source, area, kernel), ""
        if tree is None and said.family == LUKS:
            problem = "it is encrypted (LUKS)"
    except DamagedError as error:
        tree, problem = None, f"it is damaged: {error}"
    except ApplianceError as error:
        tree, problem = None, f"{error.problem} (try: {error.hint})" if error.hint else str(error)
    return replace(place, said=said, tree=tree, problem=problem)


def _tree(said: Superblock, source: Window, area: Area, kernel: Kernel) -> FileTree | None:
    """The files of the filesystem; None if there are none, or it is not to be read.

    Raises DamagedError, or as mounted.pack().
    """
    if reader := READERS.get(said.family):
        return reader(source)
    if said.family not in OPTIONS or not kernel.wanted:
        return None
    packed = kernel.scratch / f"packed-{area.path.name}-{area.start}"
    mounted.pack(area, said.family, packed, tools=kernel.tools, scratch=kernel.scratch)
    return PackedTree(packed)
