"""Which blocks of an ext2, 3 or 4 filesystem no file uses, by its own bitmaps.

Facts: Documentation/filesystems/ext4 in Linux, "Block Group Descriptors", "Block and Inode
Bitmaps"; ext4_bg_has_super() in fs/ext4/balloc.c.
"""

import struct
from functools import lru_cache

from appliance.intake.trees.ext_layout import SUPERBLOCK, ExtLayout, layout
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.window import Window

NO_BITMAP = 0x2  # bg_flags: the group's bitmap was never written
SPARSE, CLUSTERS = 0x1, 0x200  # of the read-only compatible features
POWERS = (3, 5, 7)  # groups whose numbers are powers of these have a copy of the superblock
GROUPS = 1_000_000  # of a filesystem: 128 TiB with blocks of 4 KiB


class FreeBlocks:
    """Says of each block of the filesystem in *source* whether it is free.

    Raises DamagedError for a filesystem that does not say that of blocks.
    """

    def __init__(self, source: Window) -> None:
        self.layout: ExtLayout = layout(source)
        self._source = source
        head = source.read(SUPERBLOCK, 1024)
        self._spare = int(struct.unpack_from("<H", head, 206)[0])  # for descriptors to come
        read_only = int(struct.unpack_from("<I", head, 100)[0])
        self._sparse = bool(read_only & SPARSE)
        if read_only & CLUSTERS:
            raise DamagedError("its blocks are counted in clusters (bigalloc)")
        if self.layout.groups > GROUPS:
            raise DamagedError(f"it has more than {GROUPS} groups")
        self._bitmap = lru_cache(64)(self._bitmap_of)
        self._tables = lru_cache(1)(self._all_tables)

    @property
    def unit(self) -> int:
        """The size of a block, in bytes."""
        return self.layout.block

    @property
    def place(self) -> int:
        """The byte where the first block of a group is."""
        return self.layout.first * self.layout.block

    @property
    def end(self) -> int:
        """The byte behind the last block."""
        return min(self.layout.blocks * self.layout.block, self._source.size)

    def is_free(self, block: int) -> bool:
        """Whether neither a file nor the filesystem itself uses *block*."""
        group, bit = divmod(block - self.layout.first, self.layout.blocks_per_group)
        bitmap = self._bitmap(group)
        if bitmap is None:
            return not self._is_own(group, block)
        return bit // 8 < len(bitmap) and not bitmap[bit // 8] >> bit % 8 & 1

    def _bitmap_of(self, group: int) -> bytes | None:
        """The bitmap of a group; None if it was never written, since no file uses the group."""
        low, high, flags = self._descriptor(group, 0)
        if flags & NO_BITMAP:
            return None
        return self._source.read((low | high << 32) * self.layout.block, self.layout.block)

    def _descriptor(self, group: int, field: int) -> tuple[int, int, int]:
        """A block number of the descriptor of a group, its upper half, and the group's flags."""
        where = self.layout
        at = (where.first + 1) * where.block + group * where.descriptor
        data = self._source.read(at, where.descriptor)
        if len(data) < where.descriptor:
            raise DamagedError("a group's descriptor lies outside the filesystem")
        low, flags = struct.unpack_from("<I", data, field)[0], struct.unpack_from("<H", data, 18)[0]
        high = struct.unpack_from("<I", data, 32 + field)[0] if where.descriptor >= 64 else 0
        return int(low), int(high), int(flags)

    def _is_own(self, group: int, block: int) -> bool:
        """Whether *block*, of a *group* without a bitmap, holds what the filesystem needs itself:
        copies of its superblock, bitmaps and tables of inodes, those of other groups, too."""
        start = self.layout.first + group * self.layout.blocks_per_group
        return block - start < self._copies(group) or block in self._tables()

    def _copies(self, group: int) -> int:
        """How many blocks a copy of the superblock, and of the descriptors, takes in *group*."""
        if self._sparse and group > 1 and not any(_is_power(group, base) for base in POWERS):
            return 0
        size = self.layout.groups * self.layout.descriptor
        return 1 + -(-size // self.layout.block) + self._spare

    def _all_tables(self) -> frozenset[int]:
        """The blocks of all bitmaps and tables of inodes that are in groups without a bitmap."""
        where = self.layout
        found: set[int] = set()
        length = -(-where.per_group * where.inode // where.block)
        for group in range(where.groups):
            for field, count in ((0, 1), (4, 1), (8, length)):
                low, high, _ = self._descriptor(group, field)
                first = low | high << 32
                if first + count <= where.blocks:
                    found.update(range(first, first + min(count, where.blocks_per_group)))
            if len(found) > MOST_OWN:
                raise DamagedError("its tables take more blocks than anybody has")
        return frozenset(found)


MOST_OWN = 4_000_000  # blocks of bitmaps and tables that are kept in mind


def _is_power(number: int, base: int) -> bool:
    while number % base == 0:
        number //= base
    return number == 1
