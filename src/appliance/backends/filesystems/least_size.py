"""How small a filesystem may be for the files in it, with some free space for the system."""

from pathlib import Path

from appliance.backends.filesystems.model import size_of
from appliance.filesystem_facts import facts
from appliance.units import MIB

RESERVE, RESERVE_SHARE = 64 * MIB, 0.1  # free for the running system: the larger of the two


def least(filesystem: str, tree: Path) -> int:
    """Return how many bytes *filesystem* needs to hold *tree*, with free space of a tenth of the
    files' size, or 64 MiB if that is more. A read-only filesystem gets no free space; for it the
    files count as they are before they are compressed."""
    kind, used = facts(filesystem), size_of(tree)
    own = kind.overhead
    inodes = sum(1 for _ in tree.rglob("*")) * own.inode
    fixed = min(max(own.fixed, used // 16), own.most)
    content = max(int(used * (1 + own.share)), inodes) + fixed
    reserve = 0 if kind.read_only else max(RESERVE, int(used * RESERVE_SHARE))
    return max(content + reserve, kind.smallest)
