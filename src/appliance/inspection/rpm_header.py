"""A header as rpm keeps it of an installed package.

Facts: rpm's docs/manual/format_header.md and tags.md. It may come from anywhere: every number in it
is checked against its own length.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST_ENTRIES, LONGEST = 65_536, 256 << 20  # rpm's own limits are of that order
MOST_VALUES = 4_000_000  # of one tag
ENTRY = struct.Struct(">IIiI")  # tag, type, offset, count
NUMBERS = {1: "B", 2: "B", 3: "H", 4: "I", 5: "Q"}
STRING, BINARY, STRINGS, TRANSLATED = 6, 7, 8, 9


class BadHeaderError(ValueError):
    """What was to be a header is none."""


@dataclass(frozen=True)
class Header:
    """*entries*: of each tag the type of its values, where they begin in *data*, how many."""

    entries: dict[int, tuple[int, int, int]]
    data: bytes

    def text(self, tag: int) -> str:
        """The first string of a tag; empty if there is none."""
        return next(self.texts(tag), "")

    def texts(self, tag: int) -> Iterator[str]:
        """All strings of a tag."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if kind not in (STRING, STRINGS, TRANSLATED):
            return
        for _ in range(count):
            end = self.data.find(b"\0", offset)
            if end < 0:
                return
            yield self.data[offset:end].decode("utf-8", "surrogateescape")
            offset = end + 1

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All integers of a tag."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        letter = NUMBERS.get(kind, "")
        if not letter or offset + count * struct.calcsize(letter) > len(self.data):
            return ()
        return struct.unpack_from(f">{count}{letter}", self.data, offset)

    def number(self, tag: int) -> int:
        """The first integer of a tag; 0 if there is none."""
        return next(iter(self.numbers(tag)), 0)


def header(blob: bytes) -> Header:
    """Read a header without its magic; raises BadHeaderError for what is none."""
    if len(blob) < 8:
        raise BadHeaderError("it is cut off")
    count, size = struct.unpack_from(">II", blob)
    start = 8 + count * ENTRY.size
    if count > MOST_ENTRIES or size > LONGEST or start + size > len(blob):
        raise BadHeaderError("it is larger than it can be")
    data = blob[start : start + size]
    entries = {
        tag: (kind, offset, number)
        for tag, kind, offset, number in ENTRY.iter_unpack(blob[8:start])
        if 0 <= offset < max(size, 1) and number <= MOST_VALUES
    }
    return Header(entries, data)
