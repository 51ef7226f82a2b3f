"""A header of rpm: the values of tags, as they are in a package file and in the database of what
is installed.

Facts: rpm's docs/manual/format_header.md and tags.md. It may come from anywhere: every number in it
is checked against its own length.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_ENTRIES, MOST_BYTES = 65_536, 256 * 1024 * 1024  # rpm's own limits are of that order
MOST_VALUES = 4_000_000  # of one tag
START = struct.Struct(">II")  # how many entries there are, and how many bytes behind them
ENTRY = struct.Struct(">IIiI")  # tag, type, offset, count
LETTERS = {1: "B", 2: "B", 3: "H", 4: "I", 5: "Q"}  # of struct, for rpm's types of integers
STRING, STRINGS, TRANSLATED = 6, 8, 9

NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
SUMMARY, SIZE, LONG_SIZE, VENDOR, LICENCE, SOURCE = 1004, 1009, 5009, 1011, 1014, 1044
PROVIDES, REQUIRES = 1047, 1049
NUMBERS_OF_DIRECTORIES, NAMES_OF_FILES, DIRECTORIES = 1116, 1117, 1118


class BadHeaderError(ValueError):
    """What was to be a header is none, or points outside itself."""


@dataclass(frozen=True)
class Header:
    """What a header says. Whatever is asked raises BadHeaderError if its values are not in it.

    *entries*: of each tag the type of its values, where they begin in *data*, how many.
    *undecodable*: what becomes of text that is no UTF-8, in the words of bytes.decode(): a file's
        name has to stay what it is, what people read must not hold what cannot be written.
    """

    entries: dict[int, tuple[int, int, int]]
    data: bytes
    undecodable: str = "surrogateescape"

    def text(self, tag: int) -> str:
        """The first string of a tag; empty if there is none."""
        return next(self.texts(tag), "")

    def texts(self, tag: int) -> Iterator[str]:
        """All strings of a tag."""
        kind, offset, count = self._entry(tag)
        if kind not in (STRING, STRINGS, TRANSLATED):
            return
        for _ in range(count):
            end = self.data.find(b"\0", offset)
            if end < 0:
                raise BadHeaderError("a text of it has no end")
            yield self.data[offset:end].decode(errors=self.undecodable)
            offset = end + 1

    def number(self, tag: int) -> int:
        """The first integer of a tag; 0 if there is none."""
        return next(iter(self.numbers(tag)), 0)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All integers of a tag."""
        kind, offset, count = self._entry(tag)
        letter = LETTERS.get(kind, "")
        if not letter:
            return ()
        if offset + count * struct.calcsize(letter) > len(self.data):
            raise BadHeaderError("numbers of it end outside itself")
        return struct.unpack_from(f">{count}{letter}", self.data, offset)

    def paths(self) -> Iterator[str]:
        """The paths of all files."""
        directories = list(self.texts(DIRECTORIES))
        names = zip(self.numbers(NUMBERS_OF_DIRECTORIES), self.texts(NAMES_OF_FILES), strict=False)
        for number, name in names:
            if number >= len(directories):
                raise BadHeaderError("a file of it is in no directory")
            yield directories[number] + name

    def _entry(self, tag: int) -> tuple[int, int, int]:
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if not 0 <= offset <= len(self.data) or count > MOST_VALUES:
            raise BadHeaderError("it points outside itself")
        return kind, offset, count


def parse_header(blob: bytes, undecodable: str = "surrogateescape") -> Header:
    """Read a header without its magic. Raises BadHeaderError for what is none."""
    if len(blob) < START.size or len(blob) < header_length(blob[: START.size]):
        raise BadHeaderError("it is cut off")
    count, size = START.unpack_from(blob)
    end = START.size + count * ENTRY.size
    entries = {
        tag: (kind, offset, number)
        for tag, kind, offset, number in ENTRY.iter_unpack(blob[START.size : end])
    }
    return Header(entries, blob[end : end + size], undecodable)


def header_length(start: bytes) -> int:
    """How many bytes a header takes that begins with *start*, START.size bytes. Raises
    BadHeaderError if no header is as large."""
    count, size = START.unpack(start)
    if count > MOST_ENTRIES or size > MOST_BYTES:
        raise BadHeaderError("it is larger than anybody expects")
    return START.size + int(count) * ENTRY.size + int(size)
