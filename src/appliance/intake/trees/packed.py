"""The files in a tar file that a kernel packed from a filesystem which no program reads."""

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from appliance.intake.bundle_files import BROKEN, BoundedHeader
from appliance.intake.mounted import XATTR
from appliance.intake.trees.limits import MOST_ENTRIES, DamagedError
from appliance.intake.trees.walking import first_bytes, parts, zeros
from appliance.units import MIB
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

PIECE = MIB
KINDS = {
    tarfile.DIRTYPE: DIRECTORY, tarfile.SYMTYPE: LINK, tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device", tarfile.FIFOTYPE: "fifo",
}  # fmt: skip
Runs = tuple[tuple[int, int], ...]  # of a file with holes: where each piece is in it, and its size


@dataclass(frozen=True)
class _Kept:
    """A file: its *entry*, and where its bytes are in the archive."""

    entry: Entry
    offset: int
    runs: Runs | None


class PackedTree:
    """The files in the tar file *packed*, from its directory *within* on; see FileTree.

    Raises DamagedError for what is no tar file, or has too many names.
    """

    def __init__(self, packed: Path) -> None:
        self.left_out: list[str] = []
        self._packed = packed
        try:
            self._kept = _read(packed)
        except BROKEN as error:
            raise DamagedError(f"what a kernel packed cannot be read: {error}") from None

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds."""
        return (self._kept[path].entry for path in sorted(self._kept, key=_in_order))

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link."""
        kept = self._kept.get("/" + "/".join(parts(path)))
        return kept.entry if kept else None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*."""
        return first_bytes(self.pieces(path), limit)

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece."""
        kept = self._kept.get("/" + "/".join(parts(path)))
        if not kept or kept.entry.kind != FILE:
            return
        size = kept.entry.size
        runs = ((0, size),) if kept.runs is None else kept.runs
        done = 0
        with self._packed.open("rb") as archive:
            archive.seek(kept.offset)
            for start, length in runs:
                yield from zeros(start - done)
                for at in range(0, length, PIECE):
                    yield archive.read(min(PIECE, length - at))
                done = start + length
        yield from zeros(size - done)


def _read(packed: Path) -> Mapping[str, _Kept]:
    kept: dict[str, _Kept] = {}
    with tarfile.open(packed, "r:", tarinfo=BoundedHeader) as archive:
        for member in archive:
            path = "/" + "/".join(parts(member.name))
            if len(kept) >= MOST_ENTRIES:
                raise DamagedError(f"it has more than {MOST_ENTRIES} names")
            if member.islnk():
                first = kept.get("/" + "/".join(parts(member.linkname)))
                if first:
                    kept[path] = _Kept(replace(first.entry, path=path), first.offset, first.runs)
            else:
                pieces: Any = member.sparse  # pairs of numbers, whatever its stub says
                runs = tuple(pieces) if pieces is not None else None
                kept[path] = _Kept(_entry(member, path, len(kept) + 1), member.offset_data, runs)
            member.sparse, member.pax_headers = None, {}  # the archive keeps every member
    return kept


def _entry(member: tarfile.TarInfo, path: str, inode: int) -> Entry:
    kind = FILE if member.isreg() else KINDS.get(member.type, "fifo")
    return Entry(
        path=path,
        kind=kind,
        mode=member.mode & 0o7777,
        uid=member.uid,
        gid=member.gid,
        size=member.size if kind == FILE else 0,
        mtime=float(member.pax_headers.get("mtime", member.mtime)),
        target=member.linkname if kind == LINK else "",
        inode=inode,
        attributes={
            name.removeprefix(XATTR): value.encode("utf-8", "surrogateescape")
            for name, value in member.pax_headers.items()
            if name.startswith(XATTR)
        },
    )


def _in_order(path: str) -> tuple[str, ...]:
    return tuple(parts(path))
