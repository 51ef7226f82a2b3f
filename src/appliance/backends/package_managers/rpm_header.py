"""What an RPM package file says of itself: its lead, its signatures, its header.

Facts: rpm's docs/manual/format_lead.md, format_header.md and tags.md.
"""

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.errors import SourceError

LEAD, LEAD_MAGIC = 96, b"\xed\xab\xee\xdb"
MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
MOST_ENTRIES, MOST_BYTES = 65_536, 256 * 1024 * 1024  # rpm's own limits are of that order
ENTRY = struct.Struct(">iiii")  # tag, type, offset, count
INT32, STRING, STRINGS, TRANSLATED = 4, 6, 8, 9
NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
PAYLOAD = 5092  # SHA-256 of the compressed payload (rpm 4.14)
SIGNATURES = (267, 268, 278, 1002, 1005)  # DSA, RSA, OPENPGP; PGP and GPG of the whole file


@dataclass(frozen=True)
class RpmHeader:
    """What the header of an RPM package file says.

    *name*: the package's name.
    *epoch*: the package's epoch; 0 if it has none.
    *version*: the version without epoch and release.
    *release*: the release of that version.
    *architecture*: the architecture, as rpm names it.
    *content*: the SHA-256 of the header, which holds the scripts and the digest of the files: it
        stays when the package is signed again. Empty if the package does not state that digest.
    *signed*: True if it is signed, by whomever.
    """

    name: str
    epoch: int
    version: str
    release: str
    architecture: str
    content: str
    signed: bool

    @property
    def evr(self) -> str:
        """[epoch:]version-release, as dnf writes it."""
        number = f"{self.version}-{self.release}"
        return f"{self.epoch}:{number}" if self.epoch else number


def read(path: Path) -> RpmHeader:
    """Read the package file *path*. Raises SourceError if it is none, or damaged."""
    try:
        with path.open("rb") as file:
            if file.read(LEAD)[:4] != LEAD_MAGIC:
                raise ValueError("its first bytes are not those of one")
            signatures = _section(file)
            file.seek(-file.tell() % 8, 1)  # the next header begins at a multiple of eight
            header = _section(file)
            return RpmHeader(
                name=header.text(NAME),
                epoch=header.number(EPOCH),
                version=header.text(VERSION),
                release=header.text(RELEASE),
                architecture=header.text(ARCHITECTURE),
                content=header.digest if header.text(PAYLOAD) else "",
                signed=any(tag in signatures.entries for tag in SIGNATURES),
            )
    except (ValueError, struct.error) as error:
        raise SourceError(f"{path.name} is not an RPM package: {error}") from error


@dataclass(frozen=True)
class _Section:
    """One header: where each tag's value begins in *data*, and of which type it is; the SHA-256 of
    all of it."""

    entries: dict[int, tuple[int, int]]
    data: bytes
    digest: str

    def text(self, tag: int) -> str:
        """The first string of a tag; empty if there is none."""
        kind, offset = self.entries.get(tag, (STRING, -1))
        if offset < 0 or kind not in (STRING, STRINGS, TRANSLATED):
            return ""
        return self.data[offset : self.data.index(b"\0", offset)].decode(errors="replace")

    def number(self, tag: int) -> int:
        """The first integer of a tag; 0 if there is none."""
        kind, offset = self.entries.get(tag, (INT32, -1))
        if offset < 0 or kind != INT32:
            return 0
        found: int = struct.unpack_from(">I", self.data, offset)[0]
        return found


def _section(file: BinaryIO) -> _Section:
    """Read one header from where *file* stands; raise ValueError if it cannot be one."""
    start = file.read(len(MAGIC) + 8)
    if start[: len(MAGIC)] != MAGIC:
        raise ValueError("it has no header")
    count, size = struct.unpack(">II", start[len(MAGIC) :])
    if count > MOST_ENTRIES or size > MOST_BYTES:
        raise ValueError("its header is larger than anybody expects")
    if file.tell() + count * ENTRY.size + size > os.fstat(file.fileno()).st_size:
        raise ValueError("it ends in its header")
    index, data = file.read(count * ENTRY.size), file.read(size)
    entries = {tag: (kind, offset) for tag, kind, offset, _ in ENTRY.iter_unpack(index)}
    if any(not 0 <= offset < max(size, 1) for _, offset in entries.values()):
        raise ValueError("its header points outside itself")
    return _Section(entries, data, hashlib.sha256(start + index + data).hexdigest())
