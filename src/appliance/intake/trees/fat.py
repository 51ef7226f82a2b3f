"""The files of a FAT filesystem, of 12, 16 or 32 bits, read out of its own tables.

Facts: Microsoft's "FAT: General Overview of On-Disk Format", 1.03.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from appliance.intake.trees.limits import Allowance, DamagedError
from appliance.intake.trees.walking import below, first_bytes, parts, walk
from appliance.intake.trees.window import Window
from appliance.units import MIB
from appliance.work.file_tree import DIRECTORY, FILE, Entry

RECORD = 32  # bytes
LONG_NAME, VOLUME, FOLDER = 0x0F, 0x08, 0x10  # attributes
DELETED, END = 0xE5, 0
LOWER_NAME, LOWER_ENDING = 0x08, 0x10  # Windows NT's bits: it is written in small letters
MOST_12, MOST_16 = 4085, 65525  # clusters: more are a table of the next width
LARGEST_DIRECTORY = 2 * MIB  # 65536 records, as the specification has it
RAISED_MODE, FOLDER_MODE = 0o700, 0o700  # as an EFI partition is mounted
TABLE_PIECE = MIB


@dataclass(frozen=True)
class FatLayout:
    """One FAT filesystem: where its parts begin and how large they are, in bytes.

    *width*: bits of an entry in the table: 12, 16 or 32.
    *table*, *table_size*: the first file allocation table.
    *root*, *root_size*: the root directory, where it has a place of its own; else no bytes.
    *root_cluster*: else the cluster where that begins.
    *data*, *cluster*, *clusters*: the clusters: where, how large, how many.
    *uuid*: its serial number, as fstab writes it. *label*: its name.
    """

    width: int
    table: int
    table_size: int
    root: int
    root_size: int
    root_cluster: int
    data: int
    cluster: int
    clusters: int
    uuid: str
    label: str


def layout(source: Window) -> FatLayout:
    """Read the boot sector; raises DamagedError for one that describes no clusters."""
    head = source.read(0, 512)
    if len(head) < 512:
        raise DamagedError("its boot sector is cut off")
    sector, per_cluster, reserved, fats, entries = struct.unpack_from("<HBHBH", head, 11)
    length = struct.unpack_from("<H", head, 22)[0] or struct.unpack_from("<I", head, 36)[0]
    total = struct.unpack_from("<H", head, 19)[0] or struct.unpack_from("<I", head, 32)[0]
    if sector < 512 or not per_cluster or not fats or not length:
        raise DamagedError("its clusters have no size")
    root = (reserved + fats * length) * sector
    data = root + -(-entries * RECORD // sector) * sector
    clusters = max(0, (total * sector - data) // (per_cluster * sector))
    width = 12 if clusters < MOST_12 else 16 if clusters < MOST_16 else 32
    width = width if entries else 32
    said = 67 if width == 32 else 39
    serial = head[said : said + 4][::-1].hex().upper()
    return FatLayout(
        width=width,
        table=reserved * sector,
        table_size=length * sector,
        root=root,
        root_size=entries * RECORD,
        root_cluster=struct.unpack_from("<I", head, 44)[0] if width == 32 else 0,
        data=data,
        cluster=per_cluster * sector,
        clusters=clusters,
        uuid=f"{serial[:4]}-{serial[4:]}",
        label=head[said + 4 : said + 15].decode("cp437").strip(),
    )


def free_clusters(source: Window, where: FatLayout) -> int:
    """How many clusters nothing is in.."""
    kind = {16: "H", 32: "I"}.get(where.width)
    if not kind:
        return sum(_entry(source, where, number) == 0 for number in range(2, where.clusters + 2))
    wide, free = where.width // 8, 0
    at, end = where.table + 2 * wide, where.table + (where.clusters + 2) * wide
    while at < min(end, where.table + where.table_size):
        piece = source.read(at, min(TABLE_PIECE, end - at))
        if not piece:
            break
        free += array(kind, piece[: len(piece) // wide * wide]).count(0)
        at += len(piece)
    return free


@dataclass(frozen=True)
class _Place:
    """Where a file is: its first *cluster* (0: the root, where that has its own place)."""

    entry: Entry
    cluster: int
    size: int


class FatTree:
    """The files in *source*; see FileTree. *left_out* says what could not be read."""

    def __init__(self, source: Window) -> None:
        self.layout = layout(source)
        self.left_out: list[str] = []
        self._source = source
        self._names = lru_cache(256)(self._listed)

    def entries(self) -> Iterator[Entry]:
        """All that is in it, each directory before what it holds.

        Raises DamagedError if there is too much of it.
        """
        allowance = Allowance()
        places = {ROOT.inode: self.layout.root_cluster}

        def children(entry: Entry) -> list[Entry]:
            found = self._directory(places[entry.inode], entry.path, allowance)
            places.update({each.entry.inode: each.cluster for each in found})
            return [each.entry for each in found]

        return walk(ROOT, children, allowance, self.left_out)

    def find(self, path: str) -> Entry | None:
        """The entry at *path*, itself, if it is a link.

        Of letters, it does not matter whether they are small or capital.
        """
        found = self._find(path)
        return found.entry if found else None

    def read(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the file at *path*.

        Raises DamagedError for a file that leads nowhere.
        """
        return first_bytes(self.pieces(path), limit)

    def pieces(self, path: str) -> Iterator[bytes]:
        """All that is in the file at *path*, piece by piece.

        Raises DamagedError for a file that leads nowhere.
        """
        found = self._find(path)
        if found and found.entry.kind == FILE and found.size:
            yield from self._content(found.cluster, found.size)

    def _find(self, path: str) -> _Place | None:
        here = _Place(ROOT, self.layout.root_cluster, 0)
        try:
            for part in parts(path):
                if here.entry.kind != DIRECTORY:
                    return None
                found = self._names(here.cluster, here.entry.path).get(part.lower())
                if found is None:
                    return None
                here = found
        except DamagedError:
            return None
        return here

    def _listed(self, cluster: int, path: str) -> dict[str, _Place]:
        found = self._directory(cluster, path, Allowance())
        return {each.entry.path.rpartition("/")[2].lower(): each for each in found}

    def _directory(self, cluster: int, path: str, allowance: Allowance) -> list[_Place]:
        """What is in the directory that begins in *cluster*, without itself and the one above."""
        where = self.layout
        if cluster == 0 and path == "/":
            data = self._source.read(where.root, where.root_size)
            start = where.root
        else:
            data = b"".join(self._content(cluster, LARGEST_DIRECTORY, whole=True))
            start = where.data + cluster * where.cluster
        return list(_records(data, start, path, allowance))

    def _content(self, cluster: int, size: int, *, whole: bool = False) -> Iterator[bytes]:
        """The first *size* bytes of the chain that begins in *cluster*; *whole*: or all of it."""
        for number in self._chain(cluster):
            wanted = min(size, self.layout.cluster)
            at = self.layout.data + (number - 2) * self.layout.cluster
            piece = self._source.read(at, wanted)
            if len(piece) < wanted:
                raise DamagedError("a cluster lies outside the filesystem")
            yield piece
            size -= wanted
            if size <= 0:
                return
        if size and not whole:
            raise DamagedError("a file ends before its size")

    def _chain(self, cluster: int) -> Iterator[int]:
        seen: set[int] = set()
        while 2 <= cluster < self.layout.clusters + 2:
            if cluster in seen:
                raise DamagedError("a chain of clusters is a circle")
            seen.add(cluster)
            yield cluster
            cluster = _entry(self._source, self.layout, cluster)


ROOT = Entry("/", DIRECTORY, FOLDER_MODE, 0, 0, 0, 0.0, inode=1)


def _entry(source: Window, where: FatLayout, number: int) -> int:
    """What the table says of the cluster *number*: which one comes after it; 0: it is free."""
    if where.width == 12:
        pair = source.read(where.table + number * 3 // 2, 2).ljust(2, b"\0")
        (value,) = struct.unpack("<H", pair)
        return int(value >> 4 if number % 2 else value & 0xFFF)
    wide = where.width // 8
    data = source.read(where.table + number * wide, wide).ljust(wide, b"\0")
    return int.from_bytes(data, "little") & 0x0FFFFFFF


def _records(data: bytes, start: int, path: str, allowance: Allowance) -> Iterator[_Place]:
    """Each file of a directory whose bytes, *data*, begin at *start* of the filesystem."""
    long: list[bytes] = []
    for at in range(0, len(data) - RECORD + 1, RECORD):
        allowance.record()
        record = data[at : at + RECORD]
        if record[0] == END:
            return
        if record[0] == DELETED:
            long = []
        elif record[11] & LONG_NAME == LONG_NAME:
            long.append(record[1:11] + record[14:26] + record[28:32])
        else:
            name = _long(long) or _short(record)
            long = []
            if not record[11] & VOLUME and name not in (".", "..") and _is_name(name):
                yield _place(record, below(path, name), start + at)


def _place(record: bytes, path: str, inode: int) -> _Place:
    high, clock, day, low, size = struct.unpack_from("<HHHHI", record, 20)
    folder = bool(record[11] & FOLDER)
    entry = Entry(
        path=path,
        kind=DIRECTORY if folder else FILE,
        mode=RAISED_MODE,
        uid=0,
        gid=0,
        size=0 if folder else size,
        mtime=_moment(day, clock),
        inode=inode,
    )
    return _Place(entry, high << 16 | low, size)


def _long(pieces: list[bytes]) -> str:
    """The long name whose records came before a file's, the last of its pieces first."""
    text = b"".join(reversed(pieces)).decode("utf-16-le", "surrogatepass")
    return text.split("\0", 1)[0].rstrip("\uffff")


def _short(record: bytes) -> str:
    name = bytes([0xE5 if record[0] == 0x05 else record[0], *record[1:8]])
    texts = [part.decode("cp437").rstrip() for part in (name, record[8:11])]
    for number, bit in enumerate((LOWER_NAME, LOWER_ENDING)):
        if record[12] & bit:
            texts[number] = texts[number].lower()
    return ".".join(text for text in texts if text)


def _is_name(name: str) -> bool:
    return bool(name) and "/" not in name and "\0" not in name


def _moment(day: int, clock: int) -> float:
    """The time in seconds since 1970; 0 for what is none."""
    try:
        moment = datetime(
            1980 + (day >> 9), day >> 5 & 15, day & 31,
            clock >> 11, clock >> 5 & 63, (clock & 31) * 2, tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return 0.0
    return moment.timestamp()
