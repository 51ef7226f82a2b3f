"""What an RPM package file says of itself: its lead, its signatures, its header.

Facts: rpm's docs/manual/format_lead.md and format_package.md.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.backends.package_managers.rpm_header import (
    ARCHITECTURE,
    EPOCH,
    LICENCE,
    LONG_SIZE,
    NAME,
    PROVIDES,
    RELEASE,
    REQUIRES,
    SIZE,
    SOURCE,
    START,
    VENDOR,
    VERSION,
    Header,
    header_length,
    parse_header,
)  # fmt: skip
from appliance.errors import SourceError

LEAD, LEAD_MAGIC = 96, b"\xed\xab\xee\xdb"
MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
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
    with _understood(path) as said:
        header = said.header
        return RpmHeader(
            name=header.text(NAME),
            epoch=header.number(EPOCH),
            version=header.text(VERSION),
            release=header.text(RELEASE),
            architecture=header.text(ARCHITECTURE),
            content=said.digest if header.text(PAYLOAD) else "",
            signed=any(tag in said.signatures.entries for tag in SIGNATURES),
        )


def facts(path: Path) -> PackageFacts:
    """What the package file *path* says beyond its name. Raises SourceError if it is damaged."""
    with _understood(path) as said:
        header = said.header
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


@dataclass(frozen=True)
class _Said:
    """Both headers of a package file; *digest*: the SHA-256 of the second."""

    signatures: Header
    header: Header
    digest: str


@contextmanager
def _understood(path: Path) -> Iterator[_Said]:
    """The headers of the package file *path*. Raises SourceError where they are, or what is read
    of them is, damaged."""
    try:
        with path.open("rb") as file:
            if file.read(LEAD)[:4] != LEAD_MAGIC:
                raise ValueError("its first bytes are not those of one")
            signatures = _section(file)
            file.seek(-file.tell() % 8, 1)  # the next header begins at a multiple of eight
            header = _section(file)
        yield _Said(
            parse_header(signatures),
            parse_header(header, "replace"),
            hashlib.sha256(MAGIC + header).hexdigest(),
        )
    except ValueError as error:
        raise SourceError(f"{path.name} is not an RPM package: {error}") from error


def _section(file: BinaryIO) -> bytes:
    """A header, without its magic, from where *file* stands; raises ValueError if there is none."""
    start = file.read(len(MAGIC) + START.size)
    if start[: len(MAGIC)] != MAGIC or len(start) < len(MAGIC) + START.size:
        raise ValueError("it has no header")
    start = start[len(MAGIC) :]
    rest = header_length(start) - START.size
    if file.tell() + rest > os.fstat(file.fileno()).st_size:
        raise ValueError("it ends in its header")
    return start + file.read(rest)
