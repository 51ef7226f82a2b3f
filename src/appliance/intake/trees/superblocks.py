"""What a filesystem says of itself in its first bytes: its name, its size, what is free.

Facts: the kernel's fs/xfs/libxfs/xfs_format.h (struct xfs_dsb), include/uapi/linux/btrfs_tree.h
(struct btrfs_super_block), fs/squashfs/squashfs_fs.h, fs/erofs/erofs_fs.h, include/linux/swap.h.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from appliance.filesystem_facts import BTRFS, EXT, FAT, HEAD, SWAP, recognised
from appliance.intake.trees import ext_layout, fat
from appliance.intake.trees.ext_layout import text, uuid_text
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.window import Window
from appliance.units import KIB

BTRFS_SUPERBLOCK = 64 * KIB
LUKS, LUKS_MAGIC = "luks", b"LUKS\xba\xbe"


@dataclass(frozen=True)
class Superblock:
    """*kind*: the filesystem, as mount calls it; empty for none that is known here.
    *family*: the same for those of one format.
    *size*, *free*: bytes; *free* is -1 where only the kernel knows.
    *uuid*, *label*: how fstab may name it.
    """

    kind: str = ""
    family: str = ""
    size: int = 0
    free: int = -1
    uuid: str = ""
    label: str = ""


def superblock(source: Window) -> Superblock:
    """What is in *source*; raises DamagedError for numbers that cannot be."""
    head = source.read(0, HEAD)
    if head.startswith(LUKS_MAGIC):
        uuid = head[168:208].split(b"\0")[0].decode("ascii", "replace")
        return Superblock(LUKS, LUKS, source.size, uuid=uuid)
    found = recognised(head)
    reader = READERS.get(found.family) if found else None
    if not found or not reader:
        return Superblock()
    try:
        return reader(source, head)
    except (struct.error, IndexError) as error:
        raise DamagedError(f"its superblock is cut off ({error})") from None


def _ext(source: Window, head: bytes) -> Superblock:
    del head
    said = ext_layout.layout(source)
    size, free = said.blocks * said.block, said.free * said.block
    return Superblock(said.kind, EXT, size, free, said.uuid, said.label)


def _fat(source: Window, head: bytes) -> Superblock:
    del head
    said = fat.layout(source)
    free = fat.free_clusters(source, said) * said.cluster
    size = said.clusters * said.cluster
    label = "" if said.label == "NO NAME" else said.label
    return Superblock("vfat", FAT, size, min(free, size), said.uuid, label)


def _xfs(source: Window, head: bytes) -> Superblock:
    del source
    block, blocks = struct.unpack_from(">IQ", head, 4)
    (free,) = struct.unpack_from(">Q", head, 144)
    uuid, label = uuid_text(head[32:48]), text(head[108:120])
    return Superblock("xfs", "xfs", block * blocks, block * min(free, blocks), uuid, label)


def _btrfs(source: Window, head: bytes) -> Superblock:
    del source
    here = head[BTRFS_SUPERBLOCK:]
    size, used = struct.unpack_from("<QQ", here, 112)
    uuid, label = uuid_text(here[32:48]), text(here[299:555])
    return Superblock(BTRFS, BTRFS, size, max(0, size - used), uuid, label)


def _squashfs(source: Window, head: bytes) -> Superblock:
    del source
    return Superblock("squashfs", "squashfs", struct.unpack_from("<Q", head, 40)[0], 0)


def _erofs(source: Window, head: bytes) -> Superblock:
    del source
    here = head[1024:]
    (blocks,) = struct.unpack_from("<I", here, 36)
    uuid, label = uuid_text(here[48:64]), text(here[64:80])
    return Superblock("erofs", "erofs", blocks << min(here[12], 16), 0, uuid, label)


def _swap(source: Window, head: bytes) -> Superblock:
    return Superblock(SWAP, SWAP, source.size, 0, uuid_text(head[1036:1052]), text(head[1052:1068]))


READERS: dict[str, Callable[[Window, bytes], Superblock]] = {
    EXT: _ext,
    FAT: _fat,
    BTRFS: _btrfs,
    SWAP: _swap,
    "xfs": _xfs,
    "squashfs": _squashfs,
    "erofs": _erofs,
}
