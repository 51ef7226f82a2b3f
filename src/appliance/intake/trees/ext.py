"""The files of an ext2, 3 or 4 filesystem, read out of its own tables: nothing is mounted.

Facts: Documentation/filesystems/ext4 in Linux, "Inode Table", "Directory Entries", "Inline Data".
"""

import struct
from collections.abc import Iterator
from functools import lru_cache

from appliance.intake.trees import ext_attributes, ext_blocks
from appliance.intake.trees.ext_layout import ExtLayout, layout, table_of
from appliance.intake.trees.limits import LONGEST_LINK, Allowance, DamagedError
from appliance.intake.trees.walking import TWICE, below, first_bytes, parts, walk, zeros
from appliance.intake.trees.window import Window
from appliance.units import KIB, MIB
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

ROOT = 2  # the inode of the root
KINDS = {
    0o1: "fifo", 0o2: "character device", 0o4: DIRECTORY, 0o6: "block device", 0o10: FILE,
    0o12: LINK, 0o14: "socket",
}  # fmt: skip
DIRENT, LONGEST_NAME = 8, 255  # bytes before a name, and of it
AT_ONCE = 32 * KIB  # bytes of a table of inodes that are read at once
PIECE = MIB  # bytes of a file that are read at once
LARGEST_DIRECTORY = 256 * MIB
BEFORE_INLINE = 4  # bytes: the number of the directory above
MORE_OF_TIMES = 136  # where a larger inode says more of its last change
SPARE = 2048  # blocks that a file has behind its end


class ExtTree:
    """The files in *source*; see FileTree. *left_out* says what could not be read."""

    def __init__(self, source: Window) -> None:
        self.layout: ExtLayout = layout(source)
        self.left_out: list[str] = []
        self._source = source
        # of this tree alone, and gone with it
        self._table = lru_cache(4096)(self._table_of)
        self._inodes = lru_cache(512)(self._inodes_at)
        self._names = lru_cache(256)(self._listed)

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds.

        Raises DamagedError if there is no root, or too much of it.
        """
        allowance = Allowance()
        parents: dict[str, int] = {}

        def children(entry: Entry) -> list[Entry]:
            """A directory that says that it is in another one has two names, of which the other
            is its own."""
            found = []
            if self._above(entry.inode) not in (0, parents.pop(entry.path, ROOT)):
                raise DamagedError(TWICE)
            for name, number in self._directory(entry.inode, allowance):
                try:
                    found.append(self._entry(below(entry.path, name), number))
                    if found[-1].kind == DIRECTORY:
                        parents[found[-1].path] = entry.inode
                except DamagedError as error:
                    self.left_out.append(f"{below(entry.path, name)}: {error}")
            return found

        return walk(self._entry("/", ROOT), children, allowance, self.left_out)

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        number = ROOT
        try:
            for part in parts(path):
                number = self._names(number).get(part, 0)
                if not number:
                    return None
            return self._entry("/" + "/".join(parts(path)), number)
        except DamagedError:
            return None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*.

        Raises DamagedError for a file that leads nowhere.
        """
        return first_bytes(self.pieces(path), limit)

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece.

        Raises DamagedError for a file that leads nowhere.
        """
        entry = self.find(path)
        if entry and entry.kind == FILE:
            yield from self._content(self._inode(entry.inode), entry.size)

    def _entry(self, path: str, number: int) -> Entry:
        inode = self._inode(number)
        mode, uid = struct.unpack_from("<HH", inode)
        (gid,) = struct.unpack_from("<H", inode, 24)
        high_uid, high_gid = struct.unpack_from("<HH", inode, 120)
        kind = KINDS.get(mode >> 12)
        if not kind:
            raise DamagedError("an inode of no kind")
        size = _size(inode)
        return Entry(
            path=path,
            kind=kind,
            mode=mode & 0o7777,
            uid=uid | high_uid << 16,
            gid=gid | high_gid << 16,
            size=size if kind == FILE else 0,
            mtime=_changed(inode),
            target=self._target(inode, size) if kind == LINK else "",
            inode=number,
            attributes=self._attributes(inode),
        )

    def _target(self, inode: bytes, size: int) -> str:
        size = min(size, LONGEST_LINK)
        if ext_blocks.lies_inside(inode, size, link=True):
            data = inode[ext_blocks.POINTERS][:size]
        else:
            data = b"".join(self._content(inode, size))
        return data.decode("utf-8", "surrogateescape")

    def _attributes(self, inode: bytes) -> dict[str, bytes]:
        low, high = struct.unpack_from("<I", inode, 104)[0], struct.unpack_from("<H", inode, 118)[0]
        found = ext_attributes.in_inode(inode)
        if block := low | high << 32:
            found = {**ext_attributes.in_block(self._block(block)), **found}
        found.pop(ext_attributes.INLINE, None)
        return found

    def _content(self, inode: bytes, size: int) -> Iterator[bytes]:
        """The first *size* bytes of a file, piece by piece; what has no block is zeros."""
        if ext_blocks.lies_inside(inode, size, link=False):
            rest = ext_attributes.in_inode(inode).get(ext_attributes.INLINE, b"")
            yield (inode[ext_blocks.POINTERS] + rest)[:size]
            return
        done, length = 0, self.layout.block
        for first, block, count in self._runs(inode, size) if size else ():
            start = first * length
            if start >= size:
                break
            if start < done:
                raise DamagedError("pieces of a file overlap")
            yield from zeros(start - done)
            done = min(start + count * length, size)
            yield from self._span(block * length, done - start)
        yield from zeros(size - done)

    def _span(self, at: int, size: int) -> Iterator[bytes]:
        for start in range(0, size, PIECE):
            wanted = min(PIECE, size - start)
            piece = self._source.read(at + start, wanted)
            if len(piece) < wanted:
                raise DamagedError("a file lies outside the filesystem")
            yield piece

    def _runs(self, inode: bytes, size: int) -> list[ext_blocks.Run]:
        """The pieces of a file of *size* bytes, which may have some blocks more than it needs."""
        blocks = min(self._source.size, 2 * size) // self.layout.block
        return ext_blocks.runs(inode, self.layout.block, self._block, most=blocks + SPARE)

    def _block(self, number: int) -> bytes:
        return self._source.read(number * self.layout.block, self.layout.block)

    def _inode(self, number: int) -> bytes:
        where = self.layout
        if not 0 < number <= where.inodes:
            raise DamagedError("an inode that is not there")
        group, index = divmod(number - 1, where.per_group)
        if group >= where.groups:
            raise DamagedError("an inode of no group")
        at = self._table(group) * where.block + index * where.inode
        data = self._inodes(at // AT_ONCE)[at % AT_ONCE :][: where.inode]
        if len(data) < where.inode:
            raise DamagedError("an inode lies outside the filesystem")
        return data

    def _inodes_at(self, number: int) -> bytes:
        return self._source.read(number * AT_ONCE, AT_ONCE)

    def _table_of(self, group: int) -> int:
        return table_of(self._source, self.layout, group)

    def _listed(self, number: int) -> dict[str, int]:
        return dict(self._directory(number, Allowance()))

    def _directory(self, number: int, allowance: Allowance) -> Iterator[tuple[str, int]]:
        """Each name in the directory with that inode, without itself and the one above."""
        inode = self._inode(number)
        if KINDS.get(struct.unpack_from("<H", inode)[0] >> 12) != DIRECTORY:
            return
        for block in self._directory_blocks(inode, allowance):
            yield from _names_in(block, allowance)

    def _above(self, number: int) -> int:
        """The inode of the directory above the one with that inode, as it says itself; 0 if it does
        not."""
        inode = self._inode(number)
        if ext_blocks.lies_inside(inode, _size(inode), link=False):
            return int(struct.unpack_from("<I", inode[ext_blocks.POINTERS])[0])
        block = next(self._directory_blocks(inode, Allowance()), b"")
        if len(block) < DIRENT + 4:
            return 0
        (length,) = struct.unpack_from("<H", block, 4)  # of the directory itself
        head = block[length : length + DIRENT + 2].ljust(DIRENT + 2, b"\0")
        return int(struct.unpack_from("<I", head)[0]) if head[DIRENT:] == b".." else 0

    def _directory_blocks(self, inode: bytes, allowance: Allowance) -> Iterator[bytes]:
        size = min(_size(inode), LARGEST_DIRECTORY)
        if ext_blocks.lies_inside(inode, size, link=False):
            rest = ext_attributes.in_inode(inode).get(ext_attributes.INLINE, b"")
            yield inode[ext_blocks.POINTERS][BEFORE_INLINE:]
            yield rest
            return
        length = self.layout.block
        for first, block, count in self._runs(inode, size):
            allowance.record()
            for at in range(count):
                if (first + at) * length < size:
                    yield self._block(block + at)


def _names_in(block: bytes, allowance: Allowance) -> Iterator[tuple[str, int]]:
    """Each name in one block of a directory, with its inode."""
    at = 0
    while at + DIRENT <= len(block):
        allowance.record()
        number, length, size = struct.unpack_from("<IHB", block, at)
        if length < DIRENT or at + length > len(block):
            return
        name = block[at + DIRENT : at + DIRENT + size]
        if number and name not in (b".", b"..") and _is_name(name, size):
            yield name.decode("utf-8", "surrogateescape"), number
        at += length


def _is_name(name: bytes, size: int) -> bool:
    return 0 < size == len(name) and b"/" not in name and b"\0" not in name


def _changed(inode: bytes) -> float:
    """When the content changed, in seconds since 1970; a larger inode has two more bits of them,
    and nanoseconds."""
    seconds = int(struct.unpack_from("<i", inode, 16)[0])
    if len(inode) < MORE_OF_TIMES + 4:
        return float(seconds)
    (more,) = struct.unpack_from("<I", inode, MORE_OF_TIMES)
    return float(seconds + ((more & 3) << 32)) + int(more >> 2) / 1e9


def _size(inode: bytes) -> int:
    low, high = struct.unpack_from("<I", inode, 4)[0], struct.unpack_from("<I", inode, 108)[0]
    return int(low | high << 32)
