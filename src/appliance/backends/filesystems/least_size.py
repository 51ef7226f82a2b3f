"""How small a filesystem may be for what is in it, with some room to live in."""

from pathlib import Path

from appliance.backends.filesystems.model import size_of
from appliance.filesystem_facts import facts
from appliance.units import MIB

RESERVE, RESERVE_SHARE = 64 * MIB, 0.1  # free for the running system: the larger of the two


def least(filesystem: str, tree: Path) -> int:
    """The bytes that *filesystem* needs to hold *tree*, and a reserve of a tenth of that, at least
    64 MiB; none where nobody can write, and there it is what the files have unpacked."""
    kind, used = facts(filesystem), size_of(tree)
    own = kind.overhead
    inodes = sum(1 for _ in tree.rglob("*")) * own.inode
    fixed = min(max(own.fixed, used // 16), own.most)
    content = max(int(used * (1 + own.share)), inodes) + fixed
    reserve = 0 if kind.read_only else max(RESERVE, int(used * RESERVE_SHARE))
    return max(content + reserve, kind.smallest)
