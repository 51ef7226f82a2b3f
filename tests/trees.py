"""What a tree of files says, so that two readers of the same files can be compared."""

import hashlib
import math

from appliance.work.file_tree import Entry, FileTree

Told = tuple[object, ...]


def told(tree: FileTree, *, attributed: bool = True) -> dict[str, Told]:
    """Everything of every file but its inode, by path; contents as digests."""
    return {
        entry.path: (*_plain(entry), _content(tree, entry), _attributes(entry, attributed))
        for entry in tree.entries()
        if entry.path != "/lost+found"
    }


def linked(tree: FileTree) -> set[frozenset[str]]:
    """The paths of each file that has several."""
    names: dict[int, set[str]] = {}
    for entry in tree.entries():
        names.setdefault(entry.inode, set()).add(entry.path)
    return {frozenset(paths) for paths in names.values() if len(paths) > 1}


def _plain(entry: Entry) -> Told:
    moment = math.floor(entry.mtime) if entry.kind != "directory" else 0
    return entry.kind, oct(entry.mode), entry.uid, entry.gid, entry.size, entry.target, moment


def _content(tree: FileTree, entry: Entry) -> str:
    digest = hashlib.sha256()
    for piece in tree.pieces(entry.path):
        digest.update(piece)
    return digest.hexdigest()


def _attributes(entry: Entry, attributed: bool) -> tuple[tuple[str, bytes], ...]:
    return tuple(sorted(entry.attributes.items())) if attributed else ()
