"""The files below a directory of this host, which may be those of an image: no link is followed."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.intake.trees.limits import MOST_ATTRIBUTES, Allowance, DamagedError
from appliance.intake.trees.walking import below, parts, walk
from appliance.units import MIB
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

PIECE = MIB
DIRECTORY_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
KINDS = {
    stat.S_IFREG: FILE, stat.S_IFDIR: DIRECTORY, stat.S_IFLNK: LINK, stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "character device", stat.S_IFBLK: "block device", stat.S_IFSOCK: "socket",
}  # fmt: skip


class DirectoryTree:
    """The files below *place*; see FileTree. *left_out* says what could not be read."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.left_out: list[str] = []

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds.

        Raises DamagedError if *place* is no directory.
        """
        allowance = Allowance()
        root = self.find("/")
        if root is None or root.kind != DIRECTORY:
            raise DamagedError(f"{self.place} is no directory")
        return walk(root, self._children, allowance, self.left_out)

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        names = parts(path)
        try:
            if not names:
                with self._opened(()) as directory:
                    return _entry(directory, ".", "/")
            with self._opened(names[:-1]) as directory:
                return _entry(directory, names[-1], "/" + "/".join(names))
        except (OSError, ValueError):
            return None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*."""
        with self._file(path) as file:
            return _exactly(file, limit) if file is not None else b""

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece."""
        with self._file(path) as file:
            while file is not None and (piece := os.read(file, PIECE)):
                yield piece

    def _children(self, entry: Entry) -> list[Entry]:
        try:
            with self._opened(parts(entry.path)) as directory:
                return [
                    _entry(directory, name, below(entry.path, name))
                    for name in os.listdir(directory)  # noqa: PTH208 - of an open directory
                ]
        except OSError as error:
            raise DamagedError(error.strerror or "it cannot be read") from None

    @contextmanager
    def _opened(self, names: list[str] | tuple[str, ...]) -> Iterator[int]:
        """Open a directory below *place*, name by name."""
        here = os.open(self.place, DIRECTORY_FLAGS & ~os.O_NOFOLLOW)
        try:
            for name in names:
                if name == "..":
                    raise ValueError("a path that leads up")
                lower = os.open(name, DIRECTORY_FLAGS, dir_fd=here)
                os.close(here)
                here = lower
            yield here
        finally:
            os.close(here)

    @contextmanager
    def _file(self, path: str) -> Iterator[int | None]:
        """Open a regular file below *place*; None if there is none that can be read."""
        names = parts(path)
        file = None
        try:
            if names:
                with self._opened(names[:-1]) as directory:
                    file = os.open(names[-1], FILE_FLAGS, dir_fd=directory)
        except (OSError, ValueError):
            file = None
        try:
            yield file if file is not None and stat.S_ISREG(os.fstat(file).st_mode) else None
        finally:
            if file is not None:
                os.close(file)


def _exactly(file: int, limit: int) -> bytes:
    found = []
    while limit > 0 and (piece := os.read(file, min(limit, PIECE))):
        found.append(piece)
        limit -= len(piece)
    return b"".join(found)


def _entry(directory: int, name: str, path: str) -> Entry:
    said = os.stat(name, dir_fd=directory, follow_symlinks=False)
    kind = KINDS.get(stat.S_IFMT(said.st_mode), FILE)
    return Entry(
        path=path,
        kind=kind,
        mode=stat.S_IMODE(said.st_mode),
        uid=said.st_uid,
        gid=said.st_gid,
        size=said.st_size if kind == FILE else 0,
        mtime=said.st_mtime,
        target=os.readlink(name, dir_fd=directory) if kind == LINK else "",
        inode=said.st_ino,
        attributes=_attributes(f"/proc/self/fd/{directory}/{name}"),
    )


def _attributes(path: str) -> dict[str, bytes]:
    """Those that this user may read; none where the filesystem has none."""
    found = {}
    try:
        for name in os.listxattr(path, follow_symlinks=False)[:MOST_ATTRIBUTES]:
            found[name] = os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return found
    return found
