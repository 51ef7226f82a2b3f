"""The headers in rpm's database: in SQLite since rpm 4.16, or in its own format (ndb).

Facts: rpm's lib/backend/sqlite.c and lib/backend/ndb/rpmpkg.c.
"""

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.rpm_header import LONGEST

PLACES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
LARGEST = 2 << 30  # bytes of a database
STEPS = 10_000_000  # of SQLite's machine: for what says it is a database, and is a trap
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


def _sqlite(image: Catalogue, path: str) -> Iterator[bytes]:
    """Copied out, with what is not yet in its place, since SQLite reads files of this host."""
    with TemporaryDirectory(prefix="appliance-") as name:
        copy = Path(name) / "rpmdb.sqlite"
        for ending in ("", "-wal"):
            found = image.stat(f"{path}{ending}")
            if found and found.size <= LARGEST:
                with copy.with_name(f"rpmdb.sqlite{ending}").open("wb") as file:
                    for piece in image.tree.pieces(found.path):
                        file.write(piece)
        try:
            with closing(sqlite3.connect(copy)) as database:
                yield from _rows(database)
        except sqlite3.Error as error:
            raise UnreadError(f"{path} is damaged: {error}") from None


def _rows(database: sqlite3.Connection) -> Iterator[bytes]:
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
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
    found = image.stat(path)
    data = image.tree.read(found.path, LARGEST) if found else b""
    if data[:4] != NDB_HEAD or len(data) < 32:
        raise UnreadError(f"{path} is damaged")
    (pages,) = struct.unpack_from("<I", data, 12)
    for at in range(2 * NDB_SLOT, min(pages * NDB_PAGE, len(data) - NDB_SLOT + 1), NDB_SLOT):
        magic, number, block, _ = struct.unpack_from("<4sIII", data, at)
        start = block * NDB_BLOCK
        if magic != NDB_SLOT_MAGIC or not number or start + NDB_SLOT > len(data):
            continue
        head, same, _, length = struct.unpack_from("<4sIII", data, start)
        if head == NDB_BLOB_MAGIC and same == number and length <= LONGEST:
            yield data[start + NDB_SLOT : start + NDB_SLOT + length]


def _berkeley(image: Catalogue, path: str) -> Iterator[bytes]:
    del image
    raise UnreadError(f"{path} is in the format of rpm before 4.16 (Berkeley DB)")


READERS: dict[str, Callable[[Catalogue, str], Iterator[bytes]]] = {
    "rpmdb.sqlite": _sqlite,
    "Packages.db": _ndb,
    "Packages": _berkeley,
}
