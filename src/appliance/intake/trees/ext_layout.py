"""Where things are in an ext2, 3 or 4 filesystem, by its superblock and group descriptors.

Facts: Documentation/filesystems/ext4 in Linux, "Super Block" and "Block Group Descriptors".
"""

import struct
from dataclasses import dataclass

from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.window import Window
from appliance.units import KIB

SUPERBLOCK, LENGTH, MAGIC = 1024, 1024, 0xEF53
LARGEST_BLOCK = 64 * KIB
META_GROUPS, WIDE, RECOVER = 0x10, 0x80, 0x4  # of the incompatible features
JOURNAL = 0x4  # of the compatible ones
EXTENTS, FLEXIBLE = 0x40, 0x200
READ_ONLY_FEATURES = 0x78  # huge files, checksums, many links, larger inodes: those of ext4


@dataclass(frozen=True)
class ExtLayout:
    """One ext filesystem.

    *block*, *inode*: the sizes of a block and of an inode, in bytes.
    *blocks*, *free*: how many blocks it has, and how many of them are free.
    *inodes*, *per_group*: how many inodes it has, and how many of them a group.
    *first*: the block in which the first group begins.
    *descriptor*: the size of a group's descriptor in bytes.
    *blocks_per_group*: how many blocks a group has.
    *kind*: ext2, ext3 or ext4, as blkid(8) tells them apart.
    *uuid*: its UUID, as text. *label*: its name.
    *dirty*: whether its journal still holds what is not yet in its place.
    """

    block: int
    inode: int
    blocks: int
    free: int
    inodes: int
    per_group: int
    first: int
    descriptor: int
    blocks_per_group: int
    kind: str
    uuid: str
    label: str
    dirty: bool

    @property
    def groups(self) -> int:
        """How many groups of blocks there are."""
        return -(-(self.blocks - self.first) // self.blocks_per_group)


def layout(source: Window) -> ExtLayout:
    """Read the superblock; raises DamagedError for one that cannot be, or that has its descriptors
    where nobody reads them here."""
    head = source.read(SUPERBLOCK, LENGTH)
    if len(head) < LENGTH or _short(head, 56) != MAGIC:
        raise DamagedError("it has no superblock")
    compatible, incompatible, read_only = struct.unpack_from("<3I", head, 92)
    wide = bool(incompatible & WIDE)
    inode = _short(head, 88) if _word(head, 76) else 128
    found = ExtLayout(
        block=KIB << _word(head, 24) if _word(head, 24) <= 6 else 0,
        inode=inode,
        blocks=_word(head, 4) | (_word(head, 336) << 32 if wide else 0),
        free=_word(head, 12) | (_word(head, 344) << 32 if wide else 0),
        inodes=_word(head, 0),
        per_group=_word(head, 40),
        first=_word(head, 20),
        descriptor=_short(head, 254) or 32 if wide else 32,
        blocks_per_group=_word(head, 32),
        kind=_kind(compatible, incompatible, read_only),
        uuid=uuid_text(head[104:120]),
        label=text(head[120:136]),
        dirty=bool(incompatible & RECOVER),
    )
    _check(found, incompatible)
    return found


def table_of(source: Window, where: ExtLayout, group: int) -> int:
    """The block in which the *group*'s table of inodes begins."""
    at = (SUPERBLOCK // where.block + 1) * where.block + group * where.descriptor
    descriptor = source.read(at, where.descriptor)
    if len(descriptor) < where.descriptor:
        raise DamagedError("a group's descriptor lies outside the filesystem")
    high = _word(descriptor, 40) if where.descriptor >= 64 else 0
    return _word(descriptor, 8) | high << 32


def _check(found: ExtLayout, incompatible: int) -> None:
    if not found.block or found.block > LARGEST_BLOCK:
        raise DamagedError("its blocks have no size")
    if not 128 <= found.inode <= found.block or found.inode & (found.inode - 1):
        raise DamagedError("its inodes have no size")
    if not found.per_group or not found.blocks_per_group or found.descriptor < 32:
        raise DamagedError("its groups have no size")
    if found.free > found.blocks or found.first > 1:
        raise DamagedError("its superblock counts what cannot be")
    if incompatible & META_GROUPS:
        raise DamagedError("its groups are described in several places (meta_bg)")


def _kind(compatible: int, incompatible: int, read_only: int) -> str:
    if incompatible & (EXTENTS | WIDE | FLEXIBLE) or read_only & READ_ONLY_FEATURES:
        return "ext4"
    return "ext3" if compatible & JOURNAL else "ext2"


def uuid_text(value: bytes) -> str:
    """A UUID as people and fstab write it; empty for zeros."""
    digits = value.hex()
    ends = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
    return "-".join(digits[start:end] for start, end in ends) if any(value) else ""


def text(value: bytes) -> str:
    """A label, up to its first zero."""
    return value.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _word(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _short(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<H", data, at)[0])
