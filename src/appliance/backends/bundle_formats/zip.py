"""Zip archives, which everybody can open, deflated on all cores.

Facts: PKWARE's APPNOTE.TXT 6.3.9; the section numbers below are its own. Python's zipfile deflates
on one core, with whichever zlib there is.
"""

import os
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from appliance.backends.bundle_formats.model import Files, Member, Packing, in_folder
from appliance.backends.compressors import deflate
from appliance.backends.compressors.blocks import Block, Crew, made_of, pieces
from appliance.backends.compressors.gz import EMPTY, Gz
from appliance.bundle.model import Bundle

EARLIEST = 315532800  # 1980, the first year that zip can say; in seconds since 1970
PACKED = (".xz", ".gz", ".bz2", ".zst", ".zip", ".qcow2", ".vmdk")  # compressed already
LOCAL = struct.Struct("<4sHHHHHIIIHH")  # 4.3.7
CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
END = struct.Struct("<4sHHHHIIH")  # 4.3.16
END_64 = struct.Struct("<4sQHHIIQQQQ")  # 4.3.14
LOCATOR_64 = struct.Struct("<4sIQI")  # 4.3.15
ZIP64, UTF8, UNIX = 0x0001, 0x0800, 3  # 4.5.3, 4.4.4, 4.4.2
STORED, DEFLATED = 0, 8  # 4.4.5
FULL, FULL_COUNT = 0xFFFFFFFF, 0xFFFF  # what a field says whose value is in a wider one
REGULAR = 0o100000  # stat.S_IFREG
VERSION, VERSION_64 = 20, 45  # 4.4.3.2
LEAST_OF_64 = 0xF0000000  # bytes of a member that may become larger than 4 GiB when deflated


class Zip:
    """A zip file of one folder with all files of the bundle. Files that are not compressed yet are
    deflated; ZIP64 is used only where a size needs it."""

    suffix = ".zip"
    formats: tuple[str, ...] = ()

    def __init__(self, name: str, says: str) -> None:
        self.name, self.says = name, says

    def refuses(self, bundle: Bundle) -> str:
        """An empty text: every bundle can be a zip file."""
        del bundle
        return ""

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """All files of the bundle, in one folder with its name."""
        return in_folder(bundle, files)

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* as a zip file, deflated on all cores."""
        with target.open("wb") as stream:
            entries = [_written(stream, member, manner) for member in members]
            _finish(stream, entries, manner.clock)


@dataclass
class _Entry:
    """What the directory at the end of the zip file says of one member.

    *member*: the file that it is about.
    *place*: the byte of the zip file at which its header begins.
    *wide*: whether its sizes stand in ZIP64 fields.
    *method*: how it is compressed (4.4.5).
    *crc*: the CRC-32 of its content.
    *packed*: its size in the zip file, in bytes.
    *size*: its size unpacked, in bytes.
    """

    member: Member
    place: int
    wide: bool
    method: int
    crc: int = 0
    packed: int = 0
    size: int = 0

    @property
    def name(self) -> bytes:
        """The member's name, in UTF-8, as it stands in the zip file."""
        return self.member.name.encode()

    @property
    def version(self) -> int:
        """The version of the format that a reader has to know (4.4.3.2)."""
        return VERSION_64 if self.wide else VERSION

    def local(self, clock: int) -> bytes:
        """The header that stands before the member's data."""
        sizes = (FULL, FULL) if self.wide else (self.packed, self.size)
        extra = struct.pack("<HHQQ", ZIP64, 16, self.size, self.packed) if self.wide else b""
        said = (self.version, UTF8, self.method, *_moment(clock), self.crc, *sizes)
        return LOCAL.pack(b"PK\3\4", *said, len(self.name), len(extra)) + self.name + extra

    def central(self, clock: int) -> bytes:
        """The entry for the member in the directory at the end (4.3.12)."""
        far = self.place >= FULL
        wide = [self.size, self.packed] if self.wide else []
        wide += [self.place] if far else []
        extra = struct.pack(f"<HH{len(wide)}Q", ZIP64, 8 * len(wide), *wide) if wide else b""
        sizes = (FULL, FULL) if self.wide else (self.packed, self.size)
        version = VERSION_64 if wide else VERSION
        return (
            CENTRAL.pack(
                b"PK\1\2", UNIX << 8 | version, version, UTF8, self.method, *_moment(clock),
                self.crc, *sizes, len(self.name), len(extra), 0, 0, 0,
                (REGULAR | self.member.mode) << 16, FULL if far else self.place,
            ) + self.name + extra
        )  # fmt: skip


def _written(stream: BinaryIO, member: Member, manner: Packing) -> _Entry:
    """Write the data of one member, then go back and write its header, which has their sizes and
    check."""
    size = len(member.data) if member.path is None else member.path.stat().st_size
    packed = PurePath(member.name).suffix in PACKED
    entry = _Entry(member, stream.tell(), size >= LEAST_OF_64, STORED if packed else DEFLATED)
    stream.seek(len(entry.local(manner.clock)), os.SEEK_CUR)
    make = Gz().block if entry.method == DEFLATED else _stored
    combine = deflate.library().crc32_combine
    with Crew(make, cores=manner.cores, size=Gz().block_size) as crew:
        for block in made_of(_pieces(member), crew):
            stream.write(block.data)
            entry.crc = combine(entry.crc, block.note, block.size)
            entry.packed += len(block.data)
            entry.size += block.size
    if entry.method == DEFLATED:
        stream.write(EMPTY)
        entry.packed += len(EMPTY)
    end = stream.tell()
    stream.seek(entry.place)
    stream.write(entry.local(manner.clock))
    stream.seek(end)
    return entry


def _pieces(member: Member) -> Iterator[bytes | None]:
    size = Gz().block_size
    if member.path is None:
        yield from (member.data[at : at + size] for at in range(0, len(member.data), size))
        return
    with member.path.open("rb") as file:
        total = os.fstat(file.fileno()).st_size
        yield from pieces(file.fileno(), total, name=member.path, size=size)


def _stored(piece: bytes) -> Block:
    return Block(piece, len(piece), zlib.crc32(piece))


def _finish(stream: BinaryIO, entries: list[_Entry], clock: int) -> None:
    """Write the directory of all *entries*, and the records that say where it is."""
    start = stream.tell()
    for entry in entries:
        stream.write(entry.central(clock))
    end, count = stream.tell(), len(entries)
    length = end - start
    if start >= FULL or count >= FULL_COUNT:
        stream.write(END_64.pack(b"PK\6\6", END_64.size - 12, UNIX << 8 | VERSION_64, VERSION_64,
                                 0, 0, count, count, length, start))  # fmt: skip
        stream.write(LOCATOR_64.pack(b"PK\6\7", 0, end, 1))
    some = min(count, FULL_COUNT)
    stream.write(END.pack(b"PK\5\6", 0, 0, some, some, length, min(start, FULL), 0))


def _moment(clock: int) -> tuple[int, int]:
    """The time and date of *clock* as MS-DOS kept them (4.4.6), in UTC."""
    at = time.gmtime(max(clock, EARLIEST))
    day = (at.tm_year - 1980) << 9 | at.tm_mon << 5 | at.tm_mday
    return at.tm_hour << 11 | at.tm_min << 5 | at.tm_sec // 2, day
