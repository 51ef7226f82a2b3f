"""What an RPM package file says of itself: its lead, its signatures, its header.

Facts: rpm's docs/manual/format_lead.md, format_header.md and tags.md.
"""

import hashlib
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import SourceError

LEAD, LEAD_MAGIC = 96, b"\xed\xab\xee\xdb"
MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
MOST_ENTRIES, MOST_BYTES = 65_536, 256 * 1024 * 1024  # rpm's own limits are of that order
ENTRY = struct.Struct(">iiii")  # tag, type, offset, count
INT32, INT64, STRING, STRINGS, TRANSLATED = 4, 5, 6, 8, 9
NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
SIZE, LONG_SIZE, VENDOR, LICENCE, SOURCE = 1009, 5009, 1011, 1014, 1044
PROVIDES, REQUIRES = 1047, 1049
NUMBERS_OF_DIRECTORIES, NAMES_OF_FILES, DIRECTORIES = 1116, 1117, 1118
# The files that others ask for by their paths: those that createrepo_c(8) lists in primary.xml.
ASKED_FOR = re.compile(r"/etc/|.*bin/|/usr/lib/sendmail$")
RPMS_OWN = ("rpmlib(", "config(")  # what rpm itself can do, and what a package asks of itself
RICH = {"and", "or", "with", "without", "<", "<=", "=", ">=", ">"}
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
    with _understood(path) as (signatures, header):
        return RpmHeader(
            name=header.text(NAME),
            epoch=header.number(EPOCH),
            version=header.text(VERSION),
            release=header.text(RELEASE),
            architecture=header.text(ARCHITECTURE),
            content=header.digest if header.text(PAYLOAD) else "",
            signed=any(tag in signatures.entries for tag in SIGNATURES),
        )


def facts(path: Path) -> PackageFacts:
    """What the package file *path* says beyond its name. Raises SourceError if it is damaged."""
    with _understood(path) as (_, header):
        source, source_version = source_of(header.text(SOURCE), header.number(EPOCH))
        files = (rooted(path) for path in header.paths() if ASKED_FOR.match(path))
        return PackageFacts(
            source=source,
            source_version=source_version,
            licence=header.text(LICENCE),
            vendor=header.text(VENDOR),
            installed_size=header.number(LONG_SIZE) or header.number(SIZE),
            requires=tuple(
                choices
                for need in dict.fromkeys(header.texts(REQUIRES))
                if not need.startswith(RPMS_OWN)
                for choices in choices_of(need)
            ),
            provides=tuple(dict.fromkeys((*header.texts(PROVIDES), *files))),
        )


def source_of(file: str, epoch: int) -> tuple[str, str]:
    """The name and the version of a source package whose *file* is NAME-VERSION-RELEASE.src.rpm;
    its epoch, which no file's name says, is that of the package made of it."""
    name, _, version = re.sub(r"\.(no)?src\.rpm$", "", file).rpartition("-")
    name, _, number = name.rpartition("-")
    evr = f"{number}-{version}"
    return (name, f"{epoch}:{evr}" if epoch else evr) if name else ("", "")


def rooted(path: str) -> str:
    """*path* as it is after /usr is merged, and /usr/sbin into /usr/bin: either may be said."""
    return re.sub(r"^/(?:usr/)?s?bin/", "/usr/bin/", path)


def choices_of(need: str) -> Iterator[tuple[str, ...]]:
    """The words of which one fulfils *need*, once for each that is needed; a condition of a rich
    one is left out: what it asks for is there, or the condition did not hold."""
    if not need.startswith("("):
        yield (rooted(need),)
        return
    plain = re.split(r"\s(?:if|unless)\s", need)[0]
    words = [rooted(word) for word in re.findall(r"[^\s()]+(?:\(\S*?\))*", plain)]
    names = tuple(word for word in words if word not in RICH and not word[0].isdigit())
    if "or" in words:
        yield names
    else:
        yield from ((name,) for name in names)


@contextmanager
def _understood(path: Path) -> Iterator[tuple["_Section", "_Section"]]:
    """The header of signatures and the header of the package file *path*. Raises SourceError where
    they are, or what is read of them is, damaged."""
    try:
        with path.open("rb") as file:
            if file.read(LEAD)[:4] != LEAD_MAGIC:
                raise ValueError("its first bytes are not those of one")
            signatures = _section(file)
            file.seek(-file.tell() % 8, 1)  # the next header begins at a multiple of eight
            yield signatures, _section(file)
    except (ValueError, struct.error) as error:
        raise SourceError(f"{path.name} is not an RPM package: {error}") from error


@dataclass(frozen=True)
class _Section:
    """One header: of which type each tag's values are, where they begin in *data*, and how many
    there are; the SHA-256 of all of it."""

    entries: dict[int, tuple[int, int, int]]
    data: bytes
    digest: str

    def text(self, tag: int) -> str:
        """The first string of a tag; empty if there is none."""
        return next(self.texts(tag), "")

    def texts(self, tag: int) -> Iterator[str]:
        """All strings of a tag."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if kind not in (STRING, STRINGS, TRANSLATED):
            return
        for _ in range(count):
            end = self.data.index(b"\0", offset)
            yield self.data[offset:end].decode(errors="replace")
            offset = end + 1

    def number(self, tag: int) -> int:
        """The first integer of a tag; 0 if there is none."""
        return next(iter(self.numbers(tag)), 0)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All integers of a tag."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        letter = {INT32: "I", INT64: "Q"}.get(kind, "")
        if not letter or count * struct.calcsize(letter) > len(self.data):
            return ()
        return struct.unpack_from(f">{count}{letter}", self.data, offset)

    def paths(self) -> Iterator[str]:
        """The paths of all files."""
        directories = list(self.texts(DIRECTORIES))
        names = zip(self.numbers(NUMBERS_OF_DIRECTORIES), self.texts(NAMES_OF_FILES), strict=False)
        for number, name in names:
            if number >= len(directories):
                raise ValueError("a file of it is in no directory")
            yield directories[number] + name


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
    entries = {
        tag: (kind, offset, number) for tag, kind, offset, number in ENTRY.iter_unpack(index)
    }
    if any(not 0 <= offset < max(size, 1) for _, offset, _ in entries.values()):
        raise ValueError("its header points outside itself")
    return _Section(entries, data, hashlib.sha256(start + index + data).hexdigest())
