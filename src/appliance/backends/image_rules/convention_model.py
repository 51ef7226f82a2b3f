"""What the rules of the conventions are shown, and what they find."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from appliance.bundle.model import Bundle
from appliance.units import MIB
from appliance.work.file_tree import FILE, Entry, FileTree

LONGEST = 1 * MIB  # bytes of a file of settings
# Directories whose entries are looked at; a rule reads other files only by their whole names.
LOOKED_AT = re.compile(
    r"/[^/]+|/etc/.*|/usr/local/.*|/usr/lib/systemd/system/.*|/boot/.*|/loader/.*"
    r"|/var/lib/systemd/.*|/usr/libexec/appliance/.*"
)


@dataclass(frozen=True)
class Breach:
    """Where a rule does not hold: a file's *path*, or a field of the description, and *what* is
    wrong there."""

    path: str
    what: str


@dataclass(frozen=True)
class Told:
    """An appliance, as rules see it.

    *tree*: its files; the filesystems of its disks are joined in it.
    *bundle*: its description; None for an image that has none.
    *entries*: those of the tree that are looked at, by their paths.
    """

    tree: FileTree
    bundle: Bundle | None
    entries: Mapping[str, Entry] = field(repr=False, default_factory=dict)

    def text(self, path: str) -> str:
        """What is in the file *path*; empty if there is none."""
        return self.tree.read(path, LONGEST).decode(errors="replace")

    def files(self, pattern: str) -> Iterator[str]:
        """The paths of files that *pattern*, a regular expression, matches as a whole."""
        for path, entry in self.entries.items():
            if entry.kind == FILE and re.fullmatch(pattern, path):
                yield path

    def has(self, path: str) -> bool:
        """Whether there is anything of this name: a link is not followed."""
        return path in self.entries or self.tree.find(path) is not None

    def enabled(self, unit: str) -> bool:
        """Whether some target wants the *unit* (systemctl(1), enable)."""
        pattern = re.compile(rf"/(etc|usr/lib)/systemd/system/[^/]+\.wants/{re.escape(unit)}")
        return any(map(pattern.fullmatch, self.entries))


def told(tree: FileTree, bundle: Bundle | None) -> Told:
    """What the rules are shown of an appliance: the *tree* is gone through once."""
    entries = {each.path: each for each in tree.entries() if LOOKED_AT.fullmatch(each.path)}
    return Told(tree, bundle, entries)
