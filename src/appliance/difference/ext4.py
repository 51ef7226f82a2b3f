"""What differs between two ext2, 3 or 4 filesystems, by inode and by file name."""

import re
from collections.abc import Iterator, Sequence

from appliance.difference import files
from appliance.difference.inodes import ExtFilesystem, ExtMap, fields, kind
from appliance.difference.spans import Difference, Pair, Span

MANY = 20_000  # blocks that are looked up one by one; more say little
ORDER = "inode numbers: the files were put in in another order, and are compared by name"
LAYOUT = "layout: the filesystems are divided in other ways, and are compared by name"


def compare(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Say what the differing *spans* of the filesystem at *inside* belong to.

    Where the same inodes are other files, or the filesystems are laid out in different ways, the
    files are compared instead.
    """
    left, right = (ExtFilesystem(path, at.start) for path, at in pair.places(inside))
    found = list(_header(place, left.text, right.text))
    if left.map != right.map:
        return [*found, Difference(place, LAYOUT), *files.compare(place, left, right)]
    where = left.map
    counts: dict[str, int] = {}
    inodes: list[int] = []
    data: list[int] = []
    for number in sorted({n for span in spans for n in span.units(where.block, inside.start)}):
        what = _region(where, number)
        if what == "Inode table":
            inodes += _inodes(left, right, number)
        elif what:
            counts[what] = counts.get(what, 0) + 1
        else:
            data.append(number)
    found += [Difference(place, f"{what.lower()}: {n} blocks") for what, n in counts.items()]
    names = [dict(side.names(inodes)) for side in (left, right)]
    moved = [n for n in names[0] if n in names[1] and names[0][n] != names[1][n]]
    if moved:
        example = names[0][moved[0]], names[1][moved[0]]
        found.append(Difference(place, f"{ORDER}; inode {moved[0]}", *example))
        return [*found, *files.compare(place, left, right)]
    found += _fields(place, left, right, inodes)
    return [*found, *_data(pair, place, inside, data)]


def _fields(
    place: str, left: ExtFilesystem, right: ExtFilesystem, inodes: Sequence[int]
) -> Iterator[Difference]:
    """Name what differs in *inodes*."""
    names = dict([*right.names(inodes), *left.names(inodes)])
    said: dict[str, list[tuple[str, str, str]]] = {}
    for inode in inodes:
        label = f"inode {inode} {names.get(inode, '(without a name)')}"
        differing = list(fields(left.inode(inode), right.inode(inode)))
        for field, a, b in differing or [("place of its data, or checksum", "", "")]:
            said.setdefault(field, []).append((label, a, b))
    for field, items in said.items():
        yield from files.summary(place, field, items)


def _data(pair: Pair, place: str, inside: Span, blocks: Sequence[int]) -> Iterator[Difference]:
    """Name the files whose data differs, each with the first bytes that do; a file that only lies
    elsewhere is counted."""
    sides = [ExtFilesystem(path, at.start) for path, at in pair.places(inside)]
    shown = blocks[:MANY]
    owners = [side.owners(shown) for side in sides]
    inodes = sorted({inode for of in owners for inode in of.values()})
    moved = {inode for inode in inodes if _same(sides, inode)}
    names = dict([*sides[1].names(inodes), *sides[0].names(inodes)])
    held: dict[int, list[int]] = {}
    for block in shown:
        owned = [of[block] for of in owners if block in of]
        if not moved.issuperset(owned) or not owned:
            held.setdefault(next((n for n in owned if n not in moved), 0), []).append(block)
    size = sides[0].map.block
    for inode, numbers in list(held.items())[: files.FEW]:
        first = inside.start + numbers[0] * size
        what = "data of no file"
        if inode:
            side = next(one for one in sides if any(one.inode(inode)[26:28]))
            what = f"{kind(side.inode(inode))} {names.get(inode, f'inode {inode}')}"
        excerpt = pair.excerpt(Span(first, first + size))
        yield Difference(place, f"{what}: {len(numbers)} blocks from {numbers[0]}", *excerpt)
    if len(held) > files.FEW:
        yield Difference(place, f"data of {len(held) - files.FEW} more files")
    if moved:
        example = names.get(min(moved), f"inode {min(moved)}")
        yield Difference(
            place, f"layout: the same data lies elsewhere, {len(moved)} files", example
        )
    if len(blocks) > MANY:
        yield Difference(place, f"{len(blocks) - MANY} more blocks")


def _same(sides: Sequence[ExtFilesystem], inode: int) -> bool:
    """Whether the *inode* holds the same on both sides, wherever it lies."""
    left, right = (side.inode(inode) for side in sides)
    return kind(left) == kind(right) and sides[0].content(left) == sides[1].content(right)


def _header(place: str, left: str, right: str) -> Iterator[Difference]:
    """Name the fields of the superblock that differ."""
    one, two = (
        dict(re.findall(r"^([A-Z][\w #]+):\s+(.*)$", text.partition("\n\n")[0], re.MULTILINE))
        for text in (left, right)
    )
    for name in [*one, *(name for name in two if name not in one)]:
        if one.get(name) != two.get(name) and name != "Checksum":
            what = f"superblock: {name.lower()}"
            yield Difference(place, what, one.get(name, ""), two.get(name, ""))


def _region(where: ExtMap, block: int) -> str:
    """Return what *block* is for; empty for data. Before the first group there is the boot
    sector."""
    return next((what for what, first, last in where.regions if first <= block <= last), "")


def _inodes(left: ExtFilesystem, right: ExtFilesystem, block: int) -> Iterator[int]:
    """Numbers of the inodes in a block of an inode table that differ."""
    where = left.map
    per_block = where.block // where.inode
    length = -(-where.inodes_per_group // per_block)
    group = next(n for n, first in enumerate(where.tables) if first <= block < first + length)
    first = group * where.inodes_per_group + (block - where.tables[group]) * per_block + 1
    one, two = left.read(block), right.read(block)
    for index in range(per_block):
        part = slice(index * where.inode, (index + 1) * where.inode)
        if one[part] != two[part]:
            yield first + index
