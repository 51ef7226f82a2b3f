"""Several trees as one, as they are mounted in each other; and a part of one as a tree."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from appliance.intake.trees.walking import parts
from appliance.work.file_tree import DIRECTORY, Entry, FileTree

APART = 1 << 64  # between the inodes of one filesystem and those of the next


class SubTree:
    """What is in the directory *within* of *tree*, as a tree of its own: a subvolume of btrfs."""

    def __init__(self, tree: FileTree, within: str) -> None:
        self.within = "/" + "/".join(parts(within))
        self._tree = tree

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds."""
        for entry in self._tree.entries():
            if _is_below(entry.path, self.within):
                yield replace(entry, path=entry.path[len(self.within.rstrip("/")) :] or "/")

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        found = self._tree.find(self._there(path))
        return replace(found, path="/" + "/".join(parts(path))) if found else None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*."""
        return self._tree.read(self._there(path), limit)

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece."""
        return self._tree.pieces(self._there(path))

    def _there(self, path: str) -> str:
        return "/" + "/".join([*parts(self.within), *parts(path)])


class JoinedTree:
    """The tree of "/" in *mounts*, with the others at their mount points in place of what is there;
    of *mounts* the keys are absolute paths. Inodes are told apart by the filesystem, too."""

    def __init__(self, mounts: Mapping[str, FileTree]) -> None:
        self._mounts = {"/" + "/".join(parts(point)): tree for point, tree in mounts.items()}
        self._points = sorted(self._mounts, key=len, reverse=True)

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds.

        A mount point that is not there comes behind all others.
        """
        met: set[str] = set()
        yield from self._below("/", met)
        for point in sorted(self._mounts):
            if point not in met:
                yield from self._below(point, met)

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        point, rest = self._at(path)
        found = self._mounts[point].find(rest)
        return self._placed(found, point) if found else None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*."""
        point, rest = self._at(path)
        return self._mounts[point].read(rest, limit)

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece."""
        point, rest = self._at(path)
        return self._mounts[point].pieces(rest)

    def _below(self, point: str, met: set[str]) -> Iterator[Entry]:
        """All entries of the filesystem at *point*, and of those mounted in it."""
        met.add(point)
        inside = [each for each in self._points if each != point and _is_below(each, point)]
        hidden = ""
        for entry in self._mounts[point].entries():
            placed = self._placed(entry, point)
            if hidden and _is_below(placed.path, hidden):
                continue
            hidden = ""
            if placed.path in inside and placed.kind == DIRECTORY and placed.path not in met:
                hidden = placed.path
                yield from self._below(hidden, met)
            else:
                yield placed

    def _placed(self, entry: Entry, point: str) -> Entry:
        path = point.rstrip("/") + entry.path if entry.path != "/" else point
        inode = entry.inode + APART * self._points[::-1].index(point)
        return replace(entry, path=path, inode=inode)

    def _at(self, path: str) -> tuple[str, str]:
        """The filesystem that has *path*, by its mount point, and the path in there."""
        whole = "/" + "/".join(parts(path))
        for point in self._points:
            if _is_below(whole, point):
                return point, whole[len(point.rstrip("/")) :] or "/"
        return "/", whole


def _is_below(path: str, directory: str) -> bool:
    """Whether *path* is the *directory* or in it."""
    return directory in ("/", path) or path.startswith(f"{directory}/")
