"""The data of debsecan(1): lists of names, of vulnerabilities, of source packages, zlib(3)-packed.

A file is of one release: https://security-tracker.debian.org/tracker/debsecan/release/1/NAME. Lines
are "CVE,flags,description", an empty line, then "package,number of the name,flags,first version of
unstable without it,other versions without it".
"""

import zlib
from collections.abc import Iterator

from appliance.backends.advisories.model import Advisory
from appliance.units import MIB

FIRST = b"VERSION 1\n"
ZLIB = b"\x78"  # first byte of RFC 1950 with its usual window
LARGEST = 512 * MIB  # bytes, unpacked
URGENCY = {"L": "low", "M": "medium", "H": "high", " ": ""}


class Debsecan:
    """The file that debsecan downloads of a release."""

    name = "debsecan"
    publisher = "https://security-tracker.debian.org/tracker/debsecan/release/1/"
    manager = "deb"

    def recognises(self, head: bytes) -> bool:
        """Whether its first line, unpacked, says so."""
        if head.startswith(FIRST):
            return True
        try:
            return head[:1] == ZLIB and zlib.decompressobj().decompress(head, len(FIRST)) == FIRST
        except zlib.error:
            return False

    def read(self, content: bytes, release: str) -> Iterator[Advisory]:
        """All that it says: a file does not say of which release it is."""
        del release
        lines = iter(_unpacked(content).decode().removesuffix("\n").split("\n")[1:])
        names = [line.split(",", 2) for line in _block(lines)]
        for line in _block(lines):
            try:
                yield _advisory(line, names)
            except (ValueError, LookupError):
                raise ValueError(f"has a line that is none of its kind: '{line[:80]}'") from None


def _advisory(line: str, names: list[list[str]]) -> Advisory:
    package, number, flags, unstable, others = line.split(",", 4)
    kind, urgency, _, available = [*flags]
    name, _, about = names[int(number)]
    return Advisory(
        name=name,
        package=package,
        binary=kind == "B",
        fixed=unstable,
        fixed_too=tuple(others.split()),
        available=available == "F",
        severity=URGENCY.get(urgency, ""),
        about=about,
    )


def _block(lines: Iterator[str]) -> Iterator[str]:
    """The lines up to the next empty one. Raises ValueError if there is none."""
    for line in lines:
        if not line:
            return
        yield line
    raise ValueError("ends in the middle")


def _unpacked(content: bytes) -> bytes:
    if content.startswith(FIRST):
        return content
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(content, LARGEST)
    except zlib.error as error:
        raise ValueError(f"cannot be unpacked: {error}") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("is cut off, or larger than 512 MiB")
    return text
