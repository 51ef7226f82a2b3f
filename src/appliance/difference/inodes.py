"""The inodes of one ext2, 3 or 4 filesystem: what they say and what they are called (ext4(5))."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from appliance.difference.spans import LARGEST_BLOCK
from appliance.host import command
from appliance.intake.trees import ext_blocks as blocks

AT_ONCE = 4000  # numbers in one question to debugfs
SPECIAL = {1: "bad blocks", 2: "/", 7: "space for resizing", 8: "journal"}
KINDS = {0o4: "directory", 0o10: "file", 0o12: "link"}
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
POINTERS, ATTRIBUTES = blocks.POINTERS, slice(160, None)
REGION = re.compile(
    r"(Primary superblock|Backup superblock|Group descriptors|Reserved GDT blocks|Block bitmap"
    r"|Inode bitmap|Inode table) at (\d+)(?:-(\d+))?"
)


@dataclass(frozen=True)
class ExtMap:
    """Where things are in one ext filesystem.

    *block*: the size of a block in bytes.
    *inode*: the size of an inode in bytes.
    *inodes_per_group*: how many inodes a block group has.
    *regions*: the parts of the filesystem, each as (what, first block, last block).
    *tables*: the first block of each group's inode table.
    """

    block: int
    inode: int
    inodes_per_group: int
    regions: tuple[tuple[str, int, int], ...]
    tables: tuple[int, ...]


def map_of(text: str) -> ExtMap:
    """Read where the parts of an ext filesystem lie out of what dumpe2fs prints."""
    numbers = dict(re.findall(r"^([A-Z][\w ]+):\s+(\d+)$", text, re.MULTILINE))
    regions = tuple(
        (what, int(first), int(last or first)) for what, first, last in REGION.findall(text)
    )
    return ExtMap(
        block=int(numbers["Block size"]),
        inode=int(numbers["Inode size"]),
        inodes_per_group=int(numbers["Inodes per group"]),
        regions=regions,
        tables=tuple(first for what, first, _ in regions if what == "Inode table"),
    )


def number(inode: bytes, name: str) -> int:
    """Return one of FIELDS of *inode* as a number, its parts put together."""
    whole = b"".join(inode[start : start + size] for start, size in FIELDS[name])
    return int.from_bytes(whole, "little")


def kind(inode: bytes) -> str:
    """What the inode is: file, directory, link, or something rarer."""
    return KINDS.get(number(inode, "mode") >> 12, "special file")


def fields(
    left: bytes, right: bytes, without: Iterable[str] = ()
) -> Iterator[tuple[str, str, str]]:
    """Name what differs between two inodes: (field, here, there); not its place on the disk.

    Of inodes of different sizes only what both can say is compared.
    """
    size = min(len(left), len(right))
    left, right = left[:size], right[:size]
    for name in (name for name in FIELDS if name not in without):
        one, two = number(left, name), number(right, name)
        if one != two:
            yield name, *((oct(one), oct(two)) if name == "mode" else (str(one), str(two)))
    if left[ATTRIBUTES] != right[ATTRIBUTES]:
        yield "attributes", _brief(left[ATTRIBUTES]), _brief(right[ATTRIBUTES])


class ExtFilesystem:
    """One filesystem *start* bytes into the image at *path*."""

    def __init__(self, path: Path, start: int) -> None:
        self.path, self.start = path, start
        self.address = f"{path}?offset={start}"  # as e2fsprogs understand it

    @cached_property
    def text(self) -> str:
        """Everything that dumpe2fs says of the filesystem."""
        return command.run(["dumpe2fs", self.address])

    @cached_property
    def map(self) -> ExtMap:
        """Where the parts of the filesystem lie."""
        return map_of(self.text)

    def read(self, block: int, count: int = 1) -> bytes:
        """The bytes of *count* blocks."""
        with self.path.open("rb") as file:
            file.seek(self.start + block * self.map.block)
            return file.read(count * self.map.block)

    def inode(self, number: int) -> bytes:
        """The bytes of one inode."""
        group, index = divmod(number - 1, self.map.inodes_per_group)
        per_block = self.map.block // self.map.inode
        block = self.read(self.map.tables[group] + index // per_block)
        at = index % per_block * self.map.inode
        return block[at : at + self.map.inode]

    def used(self) -> list[int]:
        """Numbers of the inodes that are in use."""
        found = []
        length = -(-self.map.inodes_per_group * self.map.inode // self.map.block)
        for group, first in enumerate(self.map.tables):
            table = self.read(first, length)
            for index in range(self.map.inodes_per_group):
                at = index * self.map.inode
                if any(table[at + 26 : at + 28]):  # links
                    found.append(group * self.map.inodes_per_group + index + 1)
        return found

    def owners(self, blocks: Sequence[int]) -> dict[int, int]:
        """The inode that each block belongs to, if any."""
        said = self._asked("icheck", blocks, r"^(\d+)\t(\d+)$")
        return {int(block): int(inode) for block, inode in said}

    def names(self, inodes: Sequence[int]) -> list[tuple[int, str]]:
        """The paths of *inodes*; a file with several names comes several times."""
        said = self._asked("ncheck", inodes, r"^(\d+)\t(.+)$")
        found = [(int(inode), re.sub("/+", "/", path)) for inode, path in said]
        return [*((n, SPECIAL[n]) for n in inodes if n in SPECIAL), *found]

    def content(self, inode: bytes) -> str:
        """A digest of what the inode holds: of its bytes, wherever on the disk and in however many
        pieces they lie. Holes, and blocks that were never written, are zeros.

        Raises DamagedError for a file whose blocks cannot be found.
        """
        if kind(inode) not in KINDS.values():
            return ""
        size = number(inode, "size")
        if blocks.lies_inside(inode, size, link=kind(inode) == "link"):
            return inode[POINTERS][:size].hex()
        digest = hashlib.sha256(f"{size}:".encode())
        for place, piece in self._pieces(inode, size):
            if any(piece):
                digest.update(b"%d:" % place + piece)
        return digest.hexdigest()

    def _pieces(self, inode: bytes, size: int) -> Iterator[tuple[int, bytes]]:
        """The first *size* bytes of a file in pieces of LARGEST_BLOCK, each with its place in the
        file; those without a block are left out."""
        length, here, at = self.map.block, bytearray(LARGEST_BLOCK), -1
        for run in blocks.runs(inode, length, self.read, most=self._most()):
            for start, first, count in blocks.cut(run, LARGEST_BLOCK // length):
                place = start * length
                if place >= size:
                    break
                if place // LARGEST_BLOCK != at:
                    if at >= 0:
                        yield at * LARGEST_BLOCK, bytes(here)
                    here, at = bytearray(LARGEST_BLOCK), place // LARGEST_BLOCK
                data = self.read(first, count)[: size - place]
                here[place % LARGEST_BLOCK : place % LARGEST_BLOCK + len(data)] = data
        if at >= 0:
            yield at * LARGEST_BLOCK, bytes(here)

    def _most(self) -> int:
        """How many blocks the image has room for."""
        return self.path.stat().st_size // self.map.block

    def _asked(self, question: str, numbers: Sequence[int], answer: str) -> list[tuple[str, str]]:
        """What debugfs answers for each of *numbers*."""
        found: list[tuple[str, str]] = []
        for some in batches(numbers):
            words = " ".join(map(str, some))
            said = command.run(["debugfs", "-R", f"{question} {words}", self.address])
            found += re.findall(answer, said, re.MULTILINE)
        return found


def batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut *numbers* into pieces that fit into one question."""
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE]


def by_path(names: Iterable[tuple[int, str]]) -> Mapping[str, int]:
    """The inode of each path."""
    return {path: inode for inode, path in names}


def _brief(value: bytes) -> str:
    text = value.rstrip(b"\0")
    return text[:64].hex(" ", 4) + (" …" if len(text) > 64 else "")
