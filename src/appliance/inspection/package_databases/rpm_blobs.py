"""The headers in rpm's database: in SQLite since rpm 4.16, or in its own format (ndb).

Facts: rpm's lib/backend/sqlite.c and lib/backend/ndb/rpmpkg.c.
"""

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from os import SEEK_CUR
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.backends.package_managers.rpm_header import MOST_BYTES
from appliance.inspection.catalogue import Catalogue
from appliance.intake.trees.window import Window, window

PLACES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
LARGEST = 1 << 30  # bytes of a database
STEPS = 10_000_000  # of SQLite's machine: for what says it is a database, and is a trap
MOST_PAGES = 1000  # of slots, for 256 packages each
NDB_PAGE, NDB_SLOT, NDB_BLOCK = 4096, 16, 16  # bytes
NDB_HEAD, NDB_SLOT_MAGIC, NDB_BLOB_MAGIC = b"RpmP", b"Slot", b"BlbS"


class UnreadError(Exception):
    """A database that is there, and cannot be read."""


def blobs(image: Catalogue) -> Iterator[bytes]:
    """The headers of all installed packages. Raises UnreadError if the database cannot be read."""
    for place in PLACES:
        for name, reader in READERS.items():
            found = image.stat(f"{place}/{name}")
            if not found:
                continue
            if found.size > LARGEST:
                raise UnreadError(f"{place}/{name} is larger than any")
            yield from reader(image, f"{place}/{name}")
            return


def copied(image: Catalogue, path: str, target: Path) -> bool:
    """Copy the file at *path* out of the *image*, with holes for zeros, since SQLite reads files of
    this host only; whether there is one that is not too large."""
    found = image.stat(path)
    if not found or found.size > LARGEST:
        return False
    with target.open("wb") as file:
        for piece in image.tree.pieces(found.path):
            if any(piece):
                file.write(piece)
            else:
                file.seek(len(piece), SEEK_CUR)
        file.truncate(file.tell())
    return True


def _sqlite(image: Catalogue, path: str) -> Iterator[bytes]:
    with TemporaryDirectory(prefix="appliance-") as name:
        copy = Path(name) / "rpmdb.sqlite"
        for ending in ("", "-wal"):  # what is not yet in its place
            copied(image, f"{path}{ending}", copy.with_name(f"{copy.name}{ending}"))
        try:
            with closing(sqlite3.connect(copy)) as database:
                yield from _rows(database)
        except sqlite3.Error as error:
            raise UnreadError(f"{path} is damaged: {error}") from None


def _rows(database: sqlite3.Connection) -> Iterator[bytes]:
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    database.execute("PRAGMA trusted_schema = OFF")
    database.set_progress_handler(lambda: 1, STEPS)
    kind = database.execute("SELECT type FROM sqlite_master WHERE name = 'Packages'").fetchone()
    if kind != ("table",):
        raise UnreadError("rpm's database has no table of packages")
    for (blob,) in database.execute("SELECT blob FROM Packages ORDER BY hnum"):
        database.set_progress_handler(lambda: 1, STEPS)
        if isinstance(blob, bytes):
            yield blob


def _ndb(image: Catalogue, path: str) -> Iterator[bytes]:
    with TemporaryDirectory(prefix="appliance-") as name:
        copy = Path(name) / "Packages.db"
        copied(image, path, copy)
        with window(copy, 0, copy.stat().st_size) as data:
            head = data.read(0, 2 * NDB_SLOT)
            if head[:4] != NDB_HEAD or len(head) < 2 * NDB_SLOT:
                raise UnreadError(f"{path} is damaged")
            pages = min(struct.unpack_from("<I", head, 12)[0], MOST_PAGES)
            for page in range(pages):
                yield from _of_page(data, page)


def _of_page(data: Window, page: int) -> Iterator[bytes]:
    slots = data.read(page * NDB_PAGE, NDB_PAGE)
    for at in range(0 if page else 2 * NDB_SLOT, len(slots) - NDB_SLOT + 1, NDB_SLOT):
        magic, number, block, _ = struct.unpack_from("<4sIII", slots, at)
        start = block * NDB_BLOCK
        blob = data.read(start, NDB_SLOT) if magic == NDB_SLOT_MAGIC and number else b""
        if len(blob) < NDB_SLOT:
            continue
        head, same, _, length = struct.unpack("<4sIII", blob)
        if head == NDB_BLOB_MAGIC and same == number and length <= MOST_BYTES:
            yield data.read(start + NDB_SLOT, length)


def _berkeley(image: Catalogue, path: str) -> Iterator[bytes]:
    del image
    raise UnreadError(f"{path} is in the format of rpm before 4.16 (Berkeley DB)")


READERS: dict[str, Callable[[Catalogue, str], Iterator[bytes]]] = {
    "rpmdb.sqlite": _sqlite,
    "Packages.db": _ndb,
    "Packages": _berkeley,
}
