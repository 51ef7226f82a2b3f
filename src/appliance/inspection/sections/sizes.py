"""What takes how much room: by package and by directory, as rows and as trees."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import SizeRow
from appliance.inspection.installed import Ownership
from appliance.work.file_tree import FILE

DEEPEST = 4  # levels of directories that are told apart
NO_PACKAGE = "(no package)"


@dataclass(frozen=True)
class SizeNode:
    """A part of a tree of sizes: *size* in bytes and *files* with all that is in *parts*, the
    largest of which comes first."""

    name: str
    size: int
    files: int
    parts: tuple["SizeNode", ...] = ()


def size_rows(image: Catalogue, owned: Ownership) -> tuple[SizeRow, ...]:
    """Bytes and files of each package in each directory; a file with several names counts where the
    first of them is."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    seen: set[int] = set()
    for path, entry in image.by_path.items():
        if entry.kind != FILE or entry.inode in seen:
            continue
        seen.add(entry.inode)
        key = _directory(path), owned.name(path)
        size, files = found.get(key, (0, 0))
        found[key] = size + entry.size, files + 1
    return tuple(
        SizeRow(directory, package, *counted)
        for (directory, package), counted in sorted(found.items())
    )


def by_directory(rows: Iterable[SizeRow]) -> SizeNode:
    """The tree of directories, from the root on."""
    return _tree("/", rows, lambda row: [part for part in row.directory.split("/") if part])


def by_package(rows: Iterable[SizeRow]) -> SizeNode:
    """The packages, and in each of them its directories."""
    return _tree(
        "packages",
        rows,
        lambda row: [row.package or NO_PACKAGE, *(p for p in row.directory.split("/") if p)],
    )


def _tree(name: str, rows: Iterable[SizeRow], way: Callable[[SizeRow], list[str]]) -> SizeNode:
    root = _Sum()
    for row in rows:
        node = root
        for part in way(row):
            node = node.parts.setdefault(part, _Sum())
        node.size += row.size
        node.files += row.files
    return _node(name, root)


@dataclass
class _Sum:
    """A node while it grows: what is in it, but not in its parts."""

    size: int = 0
    files: int = 0
    parts: dict[str, "_Sum"] = field(default_factory=dict)


def _node(name: str, said: _Sum) -> SizeNode:
    below = [_node(part, each) for part, each in said.parts.items()]
    below.sort(key=lambda each: (-each.size, each.name))
    return SizeNode(
        name,
        said.size + sum(each.size for each in below),
        said.files + sum(each.files for each in below),
        tuple(below),
    )


def _directory(path: str) -> str:
    return "/".join(path.rpartition("/")[0].split("/")[: DEEPEST + 1]) or "/"
