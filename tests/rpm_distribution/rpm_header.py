"""The header of a package: tags and their values, as rpm's docs/manual/hregions.md has them."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

INT16, INT32, STRING, BINARY, STRINGS, TRANSLATED = 3, 4, 6, 7, 8, 9
MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
SIGNATURE_REGION, MAIN_REGION = 62, 63

# Senses of a relation (rpm's include/rpm/rpmds.h).
LESS, GREATER, EQUAL = 2, 4, 8
POSTTRANS, PRETRANS, INTERPRETER, SCRIPT_PRE, SCRIPT_POST = 1 << 5, 1 << 7, 1 << 8, 1 << 9, 1 << 10
SCRIPT_PREUN, SCRIPT_POSTUN = 1 << 11, 1 << 12
TRIGGER_IN, RPMLIB, CONFIG = 1 << 16, 1 << 24, 1 << 28

# Flags of a file (rpm's include/rpm/rpmfiles.h).
IS_CONFIG, IS_DOC, MISSING_OK, NO_REPLACE, GHOST, LICENSE = 1, 2, 8, 16, 64, 128


@dataclass(frozen=True, order=True)
class Relation:
    """What a package provides, requires ...: a name, and with which versions."""

    name: str
    flags: int = 0
    version: str = ""


@dataclass
class Header:
    """Tags being collected; bytes_of_region() is how they stand in the file."""

    tags: dict[int, tuple[int, bytes, int]] = field(default_factory=dict)

    def text(self, tag: int, value: str, kind: int = STRING) -> None:
        """One string."""
        self.tags[tag] = (kind, _text(value), 1)

    def texts(self, tag: int, values: Iterable[str]) -> None:
        """An array of strings; an empty one is left out."""
        values = list(values)
        if values:
            self.tags[tag] = (STRINGS, b"".join(map(_text, values)), len(values))

    def numbers(self, tag: int, values: Iterable[int], kind: int = INT32) -> None:
        """An array of numbers; an empty one is left out."""
        values = list(values)
        if values:
            form = f">{len(values)}{'H' if kind == INT16 else 'I'}"
            self.tags[tag] = (kind, struct.pack(form, *values), len(values))

    def binary(self, tag: int, value: bytes) -> None:
        """Bytes."""
        self.tags[tag] = (BINARY, value, len(value))

    def relations(self, tags: tuple[int, int, int], relations: Iterable[Relation]) -> None:
        """Relations under the tags of their names, flags and versions, sorted, each once."""
        found = sorted(set(relations))
        self.texts(tags[0], (relation.name for relation in found))
        self.numbers(tags[1], (relation.flags for relation in found))
        self.texts(tags[2], (relation.version for relation in found))

    def bytes_of_region(self, region: int) -> bytes:
        """Everything, in a region that rpm takes as one piece, as rpmbuild writes it."""
        index, store = b"", bytearray()
        for tag in sorted(self.tags):
            kind, raw, count = self.tags[tag]
            store += b"\0" * (-len(store) % {INT16: 2, INT32: 4}.get(kind, 1))
            index += struct.pack(">iiii", tag, kind, len(store), count)
            store += raw
        entries = len(self.tags) + 1
        index = struct.pack(">iiii", region, BINARY, len(store), 16) + index
        store += struct.pack(">iiii", region, BINARY, -entries * 16, 16)
        return MAGIC + struct.pack(">II", entries, len(store)) + index + bytes(store)


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape") + b"\0"
