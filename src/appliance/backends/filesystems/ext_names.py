"""What debugfs is told to find a file by: its path, or where that cannot be one of its words
(blanks, quotes, line ends) the number of its inode.

Facts: debugfs(8), "Specifying files" and `ls -p`.
"""

import re
from pathlib import PurePosixPath

from appliance.work import Work

PLAIN = re.compile(r"[^\s\"'\\#\ud800-\udfff]+")  # paths that debugfs reads as one word
ROOT_INODE = 2
# No name holds a slash, which is why there is one between any two fields of an entry.
ENTRY = re.compile(r"/(\d+)/\d{6}/\d+/\d+/([^/]+)/\d*/\n")


class Names:
    """Finds the files of one *filesystem*, in debugfs's words a file with the place in it."""

    def __init__(self, work: Work, filesystem: str) -> None:
        self.work, self.filesystem = work, filesystem
        self.listed: dict[int, dict[str, int]] = {}

    def word(self, path: str) -> str:
        """Return what debugfs is to be told for the absolute *path*; empty if there is no such
        file."""
        if PLAIN.fullmatch(path):
            return path
        inode = ROOT_INODE
        for name in PurePosixPath(path).parts[1:]:
            inode = self._entries(inode).get(_printed(name), 0)
            if not inode:
                return ""
        return f"<{inode}>"

    def _entries(self, inode: int) -> dict[str, int]:
        if inode not in self.listed:
            said = self.work.run(["debugfs", "-R", f"ls -p <{inode}>", self.filesystem])
            found = ENTRY.findall(said)
            self.listed[inode] = {name: int(number) for number, name in found}
        return self.listed[inode]


def _printed(name: str) -> str:
    """*name* as it comes out of a program whose output is read as UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
