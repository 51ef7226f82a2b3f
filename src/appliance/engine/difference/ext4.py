"""What differs between two ext2, 3 or 4 filesystems, by inode and by file name (ext4(5))."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from appliance.engine.difference.spans import Difference, Pair, Span
from appliance.host import command

MANY = 4000  # blocks or inodes that debugfs is asked to name; the rest is counted
SPECIAL = {1: "bad blocks", 2: "/", 7: "space for resizing", 8: "journal"}
DIRECTORY = 0o4
# name: the parts (offset, size) of its number, low part first. Documentation/filesystems/ext4
FIELDS = {
    "mode": ((0, 2),),
    "uid": ((2, 2), (120, 2)),
    "gid": ((24, 2), (122, 2)),
    "size": ((4, 4), (108, 4)),
    "links": ((26, 2),),
    "blocks": ((28, 4), (116, 2)),
    "flags": ((32, 4),),
    "atime": ((8, 4),),
    "ctime": ((12, 4),),
    "mtime": ((16, 4),),
    "dtime": ((20, 4),),
    "crtime": ((144, 4),),
    "fraction of atime": ((140, 4),),
    "fraction of ctime": ((132, 4),),
    "fraction of mtime": ((136, 4),),
    "fraction of crtime": ((148, 4),),
    "generation": ((100, 4),),
    "version": ((36, 4), (152, 4)),
    "block of attributes": ((104, 4), (118, 2)),
}
POINTERS, ATTRIBUTES = slice(40, 100), slice(160, None)
REGION = re.compile(
    r"(Primary superblock|Backup superblock|Group descriptors|Reserved GDT blocks|Block bitmap"
    r"|Inode bitmap|Inode table) at (\d+)(?:-(\d+))?"
)


@dataclass(frozen=True)
class Map:
    """Where things are in one filesystem: *regions* are (what, first block, last block).

    *tables* holds the first block of each group's inode table; sizes are bytes.
    """

    block: int
    inode: int
    inodes_per_group: int
    regions: tuple[tuple[str, int, int], ...]
    tables: tuple[int, ...]


def compare(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Say what the differing *spans* of the filesystem at *inside* belong to.

    If the filesystems are laid out differently, their headers and lists of files are compared.
    """
    texts = [command.run(["dumpe2fs", address]) for address in addresses(pair, inside)]
    found = list(_header(place, *(text.partition("\n\n")[0] for text in texts)))
    left, right = map_of(texts[0]), map_of(texts[1])
    if left != right:
        return [*found, Difference(place, "layout", "the filesystems' blocks cannot be compared")]
    blocks = sorted({number for span in spans for number in span.units(left.block, inside.start)})
    inodes: list[int] = []
    data: list[int] = []
    counts: dict[str, int] = {}
    for number in blocks:
        what = _region(left, number)
        if what == "Inode table":
            inodes += _inodes(pair, inside, left, number)
        elif what:
            counts[what] = counts.get(what, 0) + 1
        else:
            data.append(number)
    found += [Difference(place, f"{what.lower()}: {n} blocks") for what, n in counts.items()]
    names = Names(pair, inside, left)
    found += names.of_inodes(place, inodes[:MANY])
    found += names.of_blocks(place, data[:MANY])
    rest = max(0, len(inodes) - MANY) + max(0, len(data) - MANY)
    return [*found, *([Difference(place, f"{rest} more inodes and blocks")] if rest else [])]


def addresses(pair: Pair, inside: Span) -> list[str]:
    """How e2fsprogs are told of the filesystem at *inside* in each image."""
    return [f"{path}?offset={inside.start}" for path in pair.paths]


def map_of(text: str) -> Map:
    """Understand what dumpe2fs prints."""
    numbers = dict(re.findall(r"^([A-Z][\w ]+):\s+(\d+)$", text, re.MULTILINE))
    regions = tuple(
        (what, int(first), int(last or first)) for what, first, last in REGION.findall(text)
    )
    return Map(
        block=int(numbers["Block size"]),
        inode=int(numbers["Inode size"]),
        inodes_per_group=int(numbers["Inodes per group"]),
        regions=regions,
        tables=tuple(first for what, first, _ in regions if what == "Inode table"),
    )


def fields(left: bytes, right: bytes) -> Iterator[tuple[str, str, str]]:
    """Name what differs between two inodes: (field, here, there)."""
    for name, parts in FIELDS.items():
        one, two = _number(left, parts), _number(right, parts)
        if one != two:
            yield name, *((oct(one), oct(two)) if name == "mode" else (str(one), str(two)))
    for name, part in (("where its data is", POINTERS), ("attributes", ATTRIBUTES)):
        if left[part] != right[part]:
            yield name, left[part].rstrip(b"\0").hex(" ", 4), right[part].rstrip(b"\0").hex(" ", 4)


class Names:
    """Which files the inodes and blocks of two filesystems with the same layout belong to."""

    def __init__(self, pair: Pair, inside: Span, where: Map) -> None:
        self.pair, self.inside, self.where = pair, inside, where
        self.addresses = addresses(pair, inside)

    def of_inodes(self, place: str, inodes: Sequence[int]) -> list[Difference]:
        """One line for each field of each inode."""
        names, found = self._paths(inodes), []
        for inode in inodes:
            one, two = self._inode(inode)
            label = f"inode {inode} {names.get(inode, '(in use by neither)')}"
            said = list(fields(one, two)) or [("checksum only", "", "")]
            found += [Difference(place, f"{label}: {name}", a, b) for name, a, b in said]
        return found

    def of_blocks(self, place: str, blocks: Sequence[int]) -> list[Difference]:
        """One line for each file whose data differs, with the first bytes that do."""
        owners = self._owners(blocks)
        names = self._paths(sorted(set(owners.values())))
        held: dict[int, list[int]] = {}
        for block in blocks:
            held.setdefault(owners.get(block, 0), []).append(block)
        return [
            self._data(place, names.get(inode, ""), inode, numbers)
            for inode, numbers in held.items()
        ]

    def _data(self, place: str, name: str, inode: int, blocks: list[int]) -> Difference:
        first = self.inside.start + blocks[0] * self.where.block
        kind = "data of no file"
        if inode:
            directory = self._inode(inode)[0][1] >> 4 == DIRECTORY
            kind = f"{'directory' if directory else 'file'} {name}"
        excerpt = self.pair.excerpt(Span(first, first + self.where.block))
        return Difference(place, f"{kind}: {len(blocks)} blocks from {blocks[0]}", *excerpt)

    def _inode(self, inode: int) -> tuple[bytes, bytes]:
        group, index = divmod(inode - 1, self.where.inodes_per_group)
        start = self.where.tables[group] * self.where.block + index * self.where.inode
        return self.pair.read(self.inside.start + start, self.where.inode)

    def _owners(self, blocks: Sequence[int]) -> dict[int, int]:
        """The inode of each block, as either image has it."""
        found: dict[int, int] = {}
        for address in reversed(self.addresses):
            asked = _asked("icheck", blocks, r"^(\d+)\t(\d+)$", address)
            found |= {int(block): int(inode) for block, inode in asked}
        return found

    def _paths(self, inodes: Sequence[int]) -> dict[int, str]:
        """The path of each inode, as either image has it."""
        found: dict[int, str] = {}
        for address in reversed(self.addresses):
            for inode, path in _asked("ncheck", inodes, r"^(\d+)\t(.+)$", address):
                found[int(inode)] = re.sub("/+", "/", path)
        return found | {inode: SPECIAL[inode] for inode in inodes if inode in SPECIAL}


def _asked(
    question: str, numbers: Sequence[int], answer: str, address: str
) -> list[tuple[str, str]]:
    """What debugfs says of each of *numbers*."""
    if not numbers:
        return []
    said = command.run(["debugfs", "-R", f"{question} {' '.join(map(str, numbers))}", address])
    return re.findall(answer, said, re.MULTILINE)


def _header(place: str, left: str, right: str) -> Iterator[Difference]:
    """Name the fields of the superblock that differ."""
    one, two = (
        dict(re.findall(r"^([A-Z][\w #]+):\s+(.*)$", text, re.MULTILINE)) for text in (left, right)
    )
    for name in [*one, *(name for name in two if name not in one)]:
        if one.get(name) != two.get(name) and name != "Checksum":
            yield Difference(
                place, f"superblock: {name.lower()}", one.get(name, ""), two.get(name, "")
            )


def _region(where: Map, block: int) -> str:
    """What *block* is for; empty: data. Before the first group there is the boot sector."""
    return next((what for what, first, last in where.regions if first <= block <= last), "")


def _inodes(pair: Pair, inside: Span, where: Map, block: int) -> Iterator[int]:
    """Numbers of the inodes in a block of an inode table that differ."""
    group = next(
        index
        for index, first in enumerate(where.tables)
        if first <= block < first - (-where.inodes_per_group * where.inode // where.block)
    )
    first = where.inodes_per_group * group + 1
    first += (block - where.tables[group]) * where.block // where.inode
    left, right = pair.read(inside.start + block * where.block, where.block)
    for index in range(where.block // where.inode):
        part = slice(index * where.inode, (index + 1) * where.inode)
        if left[part] != right[part]:
            yield first + index


def _number(inode: bytes, parts: tuple[tuple[int, int], ...]) -> int:
    """Put a field's parts together, the low one first."""
    whole = b"".join(inode[start : start + size] for start, size in parts)
    return int.from_bytes(whole, "little")
