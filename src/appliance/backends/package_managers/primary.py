"""The list of a repository's packages: primary.xml, as createrepo_c(8) writes it.

It has a hundred megabytes where a distribution is large, so it is never a tree: it is cut into
packages, and only those that somebody wants are parsed.
"""

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote

from lxml import etree

from appliance.backends.package_managers.xml_limits import LATEST, decimal, parsed
from appliance.errors import SourceError

COMMON = "{http://linux.duke.edu/metadata/common}"
FRAME = (
    b'<metadata xmlns="http://linux.duke.edu/metadata/common"'
    b' xmlns:rpm="http://linux.duke.edu/metadata/rpm">%s</metadata>'
)
PLAIN: Mapping[str, Callable[[Path, str], object]] = {
    ".gz": gzip.open,
    ".xz": lzma.open,
    ".bz2": bz2.open,
}
END = b"</package>"
START = re.compile(rb"<package[\s>]")
NAME = re.compile(rb"<name>([^<]*)</name>")
CHUNK = 4 * 1024 * 1024
LARGEST = 16 * 1024 * 1024  # bytes that one package may take
BASE = "{http://www.w3.org/XML/1998/namespace}base"
Key = tuple[str, str, str]  # name, [epoch:]version-release, architecture
SOUND = (r"[A-Za-z0-9._+-]+", r"([0-9]+:)?[A-Za-z0-9._+~^-]+", r"[A-Za-z0-9_]+")  # a Key's parts
ABSOLUTE = re.compile("/|[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class PrimaryEntry:
    """What a repository's metadata says of one package file.

    *sha256*: the digest of the file.
    *size*: the size of the file in bytes.
    *location*: where the file is below the repository's address.
    *built*: when the package was built, in seconds since 1970.
    """

    sha256: str
    size: int
    location: str
    built: int


def needs_program(path: Path) -> str:
    """The program that unpacks *path*, where Python cannot; empty if it can."""
    return "zstd" if path.suffix == ".zst" else ""


def opened(path: Path) -> BinaryIO:
    """*path*, unpacked while it is read."""
    return cast("BinaryIO", PLAIN.get(path.suffix, open)(path, "rb"))


def names(stream: BinaryIO) -> tuple[str, ...]:
    """The names of all packages, in their order."""
    return tuple(
        found[1].decode(errors="replace")
        for text in _packages(stream)
        if (found := NAME.search(text))
    )


def find(stream: BinaryIO, wanted: Collection[Key]) -> dict[Key, PrimaryEntry]:
    """The entries of the packages *wanted*, as many as there are.

    Raises SourceError for metadata that is damaged, or says of a package what we do not take.
    """
    by_name = {name.encode() for name, _, _ in wanted}
    found: dict[Key, PrimaryEntry] = {}
    for text in _packages(stream):
        name = NAME.search(text)
        if name and name[1] in by_name:
            element = parsed(FRAME % text, "primary.xml")[0]
            key = _key(element)
            if key in wanted:
                found[key] = _entry(element, key[0])
    return found


def _packages(stream: BinaryIO) -> Iterator[bytes]:
    """Cut *stream* into the texts of its packages."""
    held = b""
    while chunk := _read(stream):
        *whole, held = (held + chunk).split(END)
        for text in whole:
            start = START.search(text)
            if start:
                yield text[start.start() :] + END
        if len(held) > LARGEST:
            raise SourceError("primary.xml has a package larger than anybody expects")


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(CHUNK)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise SourceError(f"primary.xml is damaged: {error}", hint="--refresh") from error


def _key(element: "etree._Element") -> Key:
    version = element.find(f"{COMMON}version")
    says = version.attrib if version is not None else {}
    epoch = str(says.get("epoch") or "0")
    number = f"{says.get('ver', '')}-{says.get('rel', '')}"
    evr = number if epoch == "0" else f"{epoch}:{number}"
    key = (element.findtext(f"{COMMON}name") or "", evr, element.findtext(f"{COMMON}arch") or "")
    if not sound(key):
        raise SourceError(f"the repository has a package that cannot be called so: {key}")
    return key


def sound(key: Key) -> bool:
    """True if its parts can be parts of a file's name, as those of all real packages can."""
    return all(re.fullmatch(rule, part) for rule, part in zip(SOUND, key, strict=True))


def _entry(element: "etree._Element", name: str) -> PrimaryEntry:
    checksum, size = element.find(f"{COMMON}checksum"), element.find(f"{COMMON}size")
    location, time = element.find(f"{COMMON}location"), element.find(f"{COMMON}time")
    kind = checksum.get("type") if checksum is not None else "none"
    if (
        checksum is None
        or kind != "sha256"
        or not re.fullmatch("[0-9a-f]{64}", checksum.text or "")
    ):
        raise SourceError(
            f"the repository knows {name} by no SHA-256 but by {kind}, which we do not take"
        )
    place = _place(location, name) if location is not None else ""
    bytes_ = decimal(size.get("package")) if size is not None else None
    built = decimal(time.get("build")) if time is not None else None
    if not place or bytes_ is None:
        raise SourceError(f"the repository says no size or no sound place of {name}")
    if built is not None and built > LATEST:
        raise SourceError(f"the repository says a strange time of {name}: {built}")
    return PrimaryEntry(str(checksum.text), bytes_, place, built or 0)


def _place(location: "etree._Element", name: str) -> str:
    """Where the package is below the repository's address, as it is written; empty if it is not
    there. What servers make of it counts: they decode %2e."""
    base = location.get(BASE)
    if base:
        raise SourceError(
            f"the repository keeps {name} elsewhere (xml:base={base}), which we do not follow"
        )
    place = location.get("href") or ""
    plain = unquote(place)
    return "" if ABSOLUTE.match(plain) or ".." in plain.split("/") else place
