"""What may be asked of a tree of files that is only read: that of a build before its disks are
written, or that of an image which anybody made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

FILE, DIRECTORY, LINK = "file", "directory", "link"
DEVICES = ("character device", "block device", "fifo", "socket")


@dataclass(frozen=True)
class Entry:
    """One name in a tree.

    *path*: from the tree's root on, as /etc/passwd; what is no UTF-8 as surrogates (PEP 383).
    *kind*: FILE, DIRECTORY, LINK, or one of DEVICES.
    *mode*: the twelve lowest bits of st_mode.
    *uid*, *gid*: its owner and group, by the image's numbers.
    *size*: of a file its size in bytes, else 0.
    *mtime*: when its content changed, in seconds since 1970.
    *target*: of a link where it leads, as written there.
    *inode*: the same for all names of one file, in this tree.
    *attributes*: its extended attributes, as security.capability.
    """

    path: str
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime: float
    target: str = ""
    inode: int = 0
    attributes: Mapping[str, bytes] = field(default_factory=dict)


class FileTree(Protocol):
    """A tree of files, read-only. Nothing in it is believed: paths follow no link, and what is
    read is as long as the reader allows."""

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds, by name; the root is "/"."""

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link; None if there is none."""

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*; empty if it is no file."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece; nothing if it is no file. A file may
        say that it has any size: whoever asks, counts."""
