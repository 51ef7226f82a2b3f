"""What a table of mounts says that anybody wrote (fstab(5))."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.filesystem_facts import BTRFS

MOST_LINES = 1000
ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class MountLine:
    """A line of fstab.

    *source*: which filesystem, by UUID, label or device.
    *point*: where it is mounted.
    *kind*: its type, as mount takes it.
    *options*: how it is mounted.
    """

    source: str
    point: str
    kind: str
    options: str

    @property
    def subvolume(self) -> str:
        """The subvolume of btrfs that is mounted; empty for the whole."""
        if self.kind != BTRFS:
            return ""
        said = [each for each in self.options.split(",") if each.startswith("subvol=")]
        return said[-1].removeprefix("subvol=") if said else ""


def mount_lines(text: str) -> Iterator[MountLine]:
    """The lines of *text* that mount something, of the first MOST_LINES."""
    for line in text.splitlines()[:MOST_LINES]:
        words = line.split()
        if len(words) >= 3 and not words[0].startswith("#"):
            source, point, kind = (_unescaped(word) for word in words[:3])
            yield MountLine(source, point, kind, words[3] if len(words) > 3 else "defaults")


def _unescaped(word: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 8)), word)
