"""What a Debian package file says of itself: its control file, and its copyright file.

Facts: deb(5), deb-control(5), debian-policy 5.6 and 12.5.
"""

import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any, BinaryIO, cast

from appliance.backends.compressors import zst
from appliance.backends.package_managers.deb_copyright import licence_of
from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import SourceError

MAGIC, HEADER = b"!<arch>\n", 60
LONGEST = 16 << 20  # bytes of a control file or of one about copyright
KIB = 1024
SOURCE = re.compile(r"(\S+)(?:\s+\((.+)\))?")
DOCUMENTATION = "usr/share/doc"
OPENERS: Mapping[str, Callable[[Any], Any]] = {"xz": lzma.open, "gz": gzip.open}
BROKEN = (OSError, EOFError, ValueError, tarfile.TarError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class _Piece:
    """A part of a file, which can be read like a file; the data of our packages is not packed."""

    file: BinaryIO
    start: int
    size: int

    def whole(self) -> bytes:
        """All of it, if that is not absurdly much."""
        if self.size > LONGEST:
            raise ValueError("its control member is larger than anybody expects")
        self.file.seek(self.start)
        return self.file.read(self.size)


def read(path: Path) -> PackageFacts:
    """Read the package file *path*. Raises SourceError if it is none, or damaged."""
    try:
        with path.open("rb") as file:
            members = dict(_members(file))
            control = _control(members)
            name = control.get("Package", "")
            documented_by, copyright_text = _documentation(members, name)
            return facts(control, copyright_text, documented_by)
    except (*BROKEN, zst.library().ZstdError) as error:
        raise SourceError(f"{path.name} is not a Debian package: {error}") from error


def facts(control: Mapping[str, str], copyright_text: str, documented_by: str = "") -> PackageFacts:
    """Understand a paragraph of a control file, or one of dpkg's status."""
    said = SOURCE.match(control.get("Source", "").strip())
    size = control.get("Installed-Size", "").strip()
    return PackageFacts(
        source=said[1] if said else control.get("Package", ""),
        source_version=(said and said[2]) or control.get("Version", ""),
        licence=licence_of(copyright_text),
        installed_size=int(size) * KIB if size.isascii() and size.isdigit() else 0,
        priority=control.get("Priority", "").strip(),
        requires=tuple(
            choices for field in ("Pre-Depends", "Depends")
            for choices in _relations(control.get(field, ""))
        ),
        provides=tuple(word for words in _relations(control.get("Provides", "")) for word in words),
        documented_by=documented_by,
    )  # fmt: skip


def fields(text: str) -> dict[str, str]:
    """The fields of the first paragraph of *text*."""
    return dict(Parser().parsestr(text.lstrip("\n"), headersonly=True).items())


def _relations(text: str) -> Iterator[tuple[str, ...]]:
    """The names in a relation field, `a (>= 1) | b:any, c`: of each choice, all."""
    for group in text.split(","):
        names = (re.match(r"\s*([A-Za-z0-9.+-]+)", choice) for choice in group.split("|"))
        if words := tuple(name[1] for name in names if name):
            yield words


def _members(file: BinaryIO) -> Iterator[tuple[str, _Piece]]:
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("its first bytes are not those of one")
    while header := file.read(HEADER):
        size = int(header[48:58])
        name = header[:16].decode("ascii").strip().rstrip("/")
        start = file.tell()
        yield name, _Piece(file, start, size)
        file.seek(start + size + size % 2)


def _control(members: Mapping[str, _Piece]) -> dict[str, str]:
    name = next((name for name in members if name.startswith("control.tar")), "")
    if not name:
        raise ValueError("it has no control member")
    plain = _unpacked(name, members[name].whole())
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
        for entry in archive:
            if entry.isreg() and _path(entry) == "control":
                return fields(_text(archive, entry))
    raise ValueError("it has no control file")


def _unpacked(name: str, data: bytes) -> bytes:
    """The bytes of the archive *name*, unpacked, as many as a control member may have."""
    stream: Any = io.BytesIO(data)
    if name.endswith(".zst"):
        stream = zst.library().ZstdDecompressor().stream_reader(stream)
    elif kind := OPENERS.get(name.rpartition(".")[2]):
        stream = kind(stream)
    return cast("bytes", stream.read(LONGEST))


def _documentation(members: Mapping[str, _Piece], package: str) -> tuple[str, str]:
    """Which other package's documentation is this one's, and the text of its copyright file."""
    data = members.get("data.tar")
    if data is None:
        return "", ""
    own = f"{DOCUMENTATION}/{package}"
    data.file.seek(data.start)
    with tarfile.open(fileobj=data.file, mode="r:") as archive:
        for entry in archive:
            path = _path(entry)
            if path == own and entry.issym():
                return entry.linkname.rstrip("/").rpartition("/")[2], ""
            if path == f"{own}/copyright":
                if entry.issym():
                    return entry.linkname.split("/")[-2] if "/" in entry.linkname else "", ""
                return "", _text(archive, entry)
    return "", ""


def _path(entry: tarfile.TarInfo) -> str:
    return entry.name.removeprefix("./").strip("/")


def _text(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    stream = archive.extractfile(entry)
    return stream.read(LONGEST).decode(errors="replace") if stream else ""
