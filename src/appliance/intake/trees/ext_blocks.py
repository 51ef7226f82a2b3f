"""Which blocks of an ext2, 3 or 4 filesystem an inode has: by extents, or by the map of old.

Facts: Documentation/filesystems/ext4 in Linux, "Extent Tree", "Direct/Indirect Block Addressing",
"Inline Data" and "Symbolic Links".
"""

import struct
from collections.abc import Callable, Iterator
from itertools import islice

from appliance.intake.trees.limits import DamagedError

Run = tuple[int, int, int]  # first block in the file, first on the disk, how many
Read = Callable[[int], bytes]  # the bytes of a block
FLAGS, POINTERS = slice(32, 36), slice(40, 100)
EXTENTS_FLAG, INLINE_FLAG = 0x80000, 0x10000000
EXTENTS_MAGIC, UNWRITTEN = 0xF30A, 32768
DEEPEST = 5  # levels of a tree of extents above its leaves, as the kernel has it
DIRECT, INDIRECT = 12, 3  # pointers to blocks, and to blocks of pointers of one level to three
POINTER = 4  # bytes


def lies_inside(inode: bytes, size: int, *, link: bool) -> bool:
    """Whether the *size* bytes that the inode holds are in it, and not in blocks; *link*: it is a
    symbolic link. What else an inode with inline data has is one of its attributes."""
    flags = int.from_bytes(inode[FLAGS], "little")
    short = link and size < POINTERS.stop - POINTERS.start and not flags & EXTENTS_FLAG
    return short or bool(flags & INLINE_FLAG)


def runs(inode: bytes, length: int, read: Read, *, most: int) -> list[Run]:
    """All runs of blocks that the *inode* has, in the order of the file; *read* reads blocks, which
    are *length* bytes long.

    Raises DamagedError for more than *most* blocks, and for what is no tree.
    """
    root = inode[POINTERS]
    extents = int.from_bytes(inode[FLAGS], "little") & EXTENTS_FLAG
    found = _extents(root, read, DEEPEST, set()) if extents else _mapped(root, length, read)
    listed = list(islice(found, most + 1))
    if len(listed) > most or sum(count for _, _, count in listed) > most:
        raise DamagedError("a file has more blocks than the filesystem")
    return sorted(listed)


def cut(run: Run, size: int) -> Iterator[Run]:
    """Cut *run* where a multiple of *size* blocks of the file is full."""
    logical, block, count = run
    while count:
        now = min(count, size - logical % size)
        yield logical, block, now
        logical, block, count = logical + now, block + now, count - now


def _extents(node: bytes, read: Read, deepest: int, seen: set[int]) -> Iterator[Run]:
    """Each run of blocks below *node* that was written.

    Raises DamagedError for a node that is cut off, that is more than *deepest* levels above the
    leaves, or that is among the blocks *seen*: indexes could lead in circles.
    """
    if len(node) < 12:
        raise DamagedError("an extent lies outside the filesystem")
    magic, entries, _, depth = struct.unpack_from("<4H", node)
    if magic != EXTENTS_MAGIC:
        return
    if depth > deepest or 12 + entries * 12 > len(node):
        raise DamagedError("a tree of extents is no tree")
    for at in range(12, 12 + entries * 12, 12):
        if depth:
            low, high = struct.unpack_from("<IH", node, at + 4)
            block = _unseen(high << 32 | low, seen)
            yield from _extents(read(block), read, depth - 1, seen)
            continue
        logical, count, high, low = struct.unpack_from("<IHHI", node, at)
        if count <= UNWRITTEN:
            yield logical, high << 32 | low, count


def _mapped(root: bytes, length: int, read: Read) -> Iterator[Run]:
    """Each block of a file with a block map, as a run of one."""
    pointers = struct.unpack_from(f"<{DIRECT + INDIRECT}I", root)
    yield from ((n, block, 1) for n, block in enumerate(pointers[:DIRECT]) if block)
    first, seen = DIRECT, set[int]()
    for depth, block in enumerate(pointers[DIRECT:]):
        if block:
            yield from _pointed(block, (length, read, seen), depth, first)
        first += (length // POINTER) ** (depth + 1)


def _pointed(
    block: int, known: tuple[int, Read, set[int]], depth: int, first: int
) -> Iterator[Run]:
    """Each block that the *block* of pointers names, from the block *first* of the file on."""
    length, read, seen = known
    data = read(_unseen(block, seen))
    if len(data) < length:
        raise DamagedError("a block of pointers lies outside the filesystem")
    room = (length // POINTER) ** depth
    for index, (pointer,) in enumerate(struct.iter_unpack("<I", data)):
        if pointer and depth:
            yield from _pointed(pointer, known, depth - 1, first + index * room)
        elif pointer:
            yield first + index, pointer, 1


def _unseen(block: int, seen: set[int]) -> int:
    if block in seen:
        raise DamagedError("a tree of extents is no tree")
    seen.add(block)
    return block
