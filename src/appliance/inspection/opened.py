"""Open the trees of any image: its filesystems one by one, and as they are mounted in each other.

Nothing is mounted, nothing of the image is started, and all that is written is in a directory that
goes away again.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.errors import RequestError
from appliance.inspection.mount_table import finds, mount_table
from appliance.inspection.places import Place, Reading, SeenDisk, places_of
from appliance.intake.disk_images import raw_of
from appliance.intake.images import Disk, Image
from appliance.intake.layers import USUAL, Means
from appliance.intake.partitions import table_of
from appliance.intake.trees.joined import JoinedTree, SubTree
from appliance.intake.trees.limits import DamagedError
from appliance.layout.fstab_reading import MountLine
from appliance.work.file_tree import DIRECTORY, FileTree

ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
# What makes a tree a root, and how much it says.
ROOT_SIGNS = (("/etc/fstab", 2), ("/etc/os-release", 2), ("/usr/lib/os-release", 2), ("/etc", 1),
              ("/usr/bin", 1), ("/var/lib", 1))  # fmt: skip
ENOUGH = 3


class NoRootError(RequestError):
    """A disk, or an image, holds no root that can be read."""


@dataclass(frozen=True)
class Sight:
    """An image, open to be looked at.

    *disks*: its disks. *places*: the filesystems on them.
    *root*: the tree of its root, with the filesystems of its fstab at their mount points; None if
        there is no root that can be read.
    *mounts*: what fstab says, and the place that it means, or None.
    *notes*: what could not be looked at, and why.
    """

    disks: tuple[SeenDisk, ...]
    places: tuple[Place, ...]
    root: FileTree | None
    mounts: tuple[tuple[MountLine, Place | None], ...] = ()
    notes: tuple[str, ...] = ()

    def left_out(self) -> tuple[str, ...]:
        """What could not be read so far of the trees, and why."""
        return tuple(
            f"{place.disk}, {place.name}: {said}"
            for place in self.places
            for said in getattr(place.tree, "left_out", ())
        )


@contextmanager
def open_image(image: Image, *, means: Means = USUAL, kernel: bool = True) -> Iterator[Sight]:
    """Open all disks of *image*. What only a kernel reads, or what is encrypted, *means* reads;
    without *kernel* nothing does.

    Raises RequestError for a disk that is not to be trusted, CommandError for one that is damaged;
    what is wrong with a filesystem stands in its place.
    """
    with TemporaryDirectory(prefix="appliance-") as name, ExitStack() as stack:
        scratch = Path(name)
        disks = tuple(
            _seen(disk, number, scratch)
            for number, disk in enumerate(image.disks)
            if not disk.scratch
        )
        reading = Reading(means, scratch, kernel)
        places = [place for disk in disks for place in places_of(disk, reading, stack)]
        yield _sight(disks, places)


def _seen(disk: Disk, number: int, scratch: Path) -> SeenDisk:
    """Make the raw bytes of the *disk* a file; its name is one of ours, whatever it is called."""
    raw = scratch / f"disk-{number}"
    found = raw_of(disk, raw)
    if found != raw:
        raw.symlink_to(found)
    return SeenDisk(disk.name or disk.path.name, raw, raw.stat().st_size, table_of(raw))


def _sight(disks: tuple[SeenDisk, ...], places: Sequence[Place]) -> Sight:
    """Find the root among *places*, and join to it what its fstab names."""
    notes = [f"{each.disk}, {each.name}: {each.problem}" for each in places if each.problem]
    best = max(((*_rank(place), -number) for number, place in enumerate(places)), default=(0, 0))
    if best[0] < ENOUGH:
        return Sight(disks, tuple(places), None, (), (*notes, "no root that can be read"))
    chosen = places[-best[-1]]
    root = _subtree(chosen.tree, best_subvolume(chosen.tree))
    mounts = tuple(
        (line, next((place for place in places if finds(line, place)), None))
        for line in mount_table(root)
    )
    points = _points(chosen, mounts, places)
    trees = {point: tree for point, (_, tree) in points.items()}
    named: dict[int, str] = {}
    for point, (place, _) in sorted(points.items()):
        named.setdefault(id(place), point)
    seen = tuple(replace(place, mount_point=named.get(id(place), "")) for place in places)
    return Sight(disks, seen, JoinedTree(trees), mounts, tuple(notes))


def _points(
    root: Place, mounts: tuple[tuple[MountLine, Place | None], ...], places: Sequence[Place]
) -> dict[str, tuple[Place, FileTree]]:
    """The tree at each mount point, with its place. Where fstab says nothing of it, the EFI system
    partition is at /efi or /boot/efi (Discoverable Partitions Specification)."""
    found: dict[str, tuple[Place, FileTree]] = {}
    for line, place in mounts:
        if place and place.tree and line.point.startswith("/"):
            found[line.point] = (place, _subtree(place.tree, line.subvolume))
    found.setdefault("/", (root, _subtree(root.tree, best_subvolume(root.tree))))
    used = {id(place) for place, _ in found.values()}
    for place in places:
        kind = place.partition.type.upper() if place.partition else ""
        if place.tree and id(place) not in used and kind == ESP:
            found.setdefault("/boot/efi", (place, place.tree))
    return found


def _rank(place: Place) -> tuple[int, int]:
    """How much the *place* looks like a root, and whether its partition says that it is one."""
    if place.tree is None:
        return 0, 0
    tree = _subtree(place.tree, best_subvolume(place.tree))
    named = bool(place.partition and place.partition.type.upper().startswith("4F68BCE3"))
    return _signs(tree), int(named)


def _signs(tree: FileTree) -> int:
    return sum(worth for path, worth in ROOT_SIGNS if tree.find(path))


def best_subvolume(tree: FileTree | None) -> str:
    """The directory of *tree* that is most like a root: itself, or one in it, as btrfs has them."""
    if tree is None or _signs(tree) >= ENOUGH:
        return ""
    try:
        names = [
            entry.path
            for entry in tree.entries()
            if entry.kind == DIRECTORY and entry.path.count("/") == 1 and entry.path != "/"
        ]
    except DamagedError:
        return ""
    rated = [(_signs(SubTree(tree, name)), name) for name in names]
    worth, name = max(rated, default=(0, ""), key=lambda each: (each[0], each[1]))
    return name if worth >= ENOUGH else ""


def _subtree(tree: FileTree | None, within: str) -> FileTree:
    if tree is None:
        raise DamagedError("there are no files")
    return SubTree(tree, within) if within.strip("/") else tree
