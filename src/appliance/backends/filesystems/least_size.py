"""How small a filesystem may be for what is in it, with some room to live in."""

from dataclasses import dataclass
from pathlib import Path

from appliance.backends.filesystems.model import size_of
from appliance.layout.place import SMALLEST
from appliance.units import MIB

RESERVE, RESERVE_SHARE = 64 * MIB, 0.1  # free for the running system: the larger of the two


@dataclass(frozen=True)
class Own:
    """What a filesystem takes for itself: a *share* of what is in it, at least *fixed* bytes and
    at most *most* of them besides, and *inode* bytes of disk for every file."""

    share: float
    fixed: int = 0
    most: int = 0
    inode: int = 0


# Five percent are root's in an ext filesystem, and not quite two are inodes, one for 16 KiB; the
# journal has 16 MiB on a small one and 128 MiB from 16 GiB (mke2fs(8)). The log of an xfs is
# 64 MiB (mkfs.xfs(8)); a btrfs keeps its trees twice, and room to write new ones.
OWN = {
    "ext2": Own(0.09, inode=16384),
    "ext3": Own(0.09, 17 * MIB, 128 * MIB, 16384),
    "ext4": Own(0.09, 17 * MIB, 128 * MIB, 16384),
    "xfs": Own(0.05, 64 * MIB, 256 * MIB),
    "btrfs": Own(0.15, 128 * MIB, 1024 * MIB),
}
OTHER = Own(0.03, MIB, MIB)


def least(filesystem: str, tree: Path) -> int:
    """The bytes that *filesystem* needs to hold *tree*, and a reserve of a tenth of that, at least
    64 MiB."""
    own, used = OWN.get(filesystem, OTHER), size_of(tree)
    inodes = sum(1 for _ in tree.rglob("*")) * own.inode
    fixed = min(max(own.fixed, used // 16), own.most)
    content = max(int(used * (1 + own.share)), inodes) + fixed
    reserve = max(RESERVE, int(used * RESERVE_SHARE))
    return max(content + reserve, SMALLEST.get(filesystem, MIB))
