"""Which bytes of two files differ. Holes are not read: they are zeros on both sides."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.units import KIB, MIB, SECTOR

CHUNK = MIB
LARGEST_BLOCK = 64 * KIB  # a span begins in a unit that differs, and none is larger
SHOWN = 16  # bytes of an excerpt


class DamagedError(Exception):
    """A filesystem is so broken that nothing in it can be named."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two images.

    *place*: where it is: a file of the bundle, a partition or the partition table.
    *what*: the file, inode or sectors in that place.
    *left*: what the first image says.
    *right*: what the second image says.
    """

    place: str
    what: str
    left: str = ""
    right: str = ""


@dataclass(frozen=True)
class Span:
    """Bytes from *start* up to, but not including, *end*; offsets from the image's beginning."""

    start: int
    end: int

    def clipped(self, other: "Span") -> "Span | None":
        """The part of this span that lies in *other*, if any does."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def units(self, size: int, origin: int = 0) -> range:
        """Numbers of the *size*-byte units that it touches, counted from *origin*."""
        return range((self.start - origin) // size, -((self.end - origin) // -size))


class Pair:
    """Two images of raw bytes, open for reading; *tools* is the root with a kernel for what only
    kernels read."""

    def __init__(self, left: Path, right: Path, tools: Path = Path("/")) -> None:
        self.paths, self.tools = (left, right), tools

    def sizes(self) -> tuple[int, int]:
        """The sizes of both images, in bytes."""
        return self.paths[0].stat().st_size, self.paths[1].stat().st_size

    def read(self, start: int, size: int) -> tuple[bytes, bytes]:
        """Return *size* bytes from *start* on, of both images."""
        return _read(self.paths[0], start, size), _read(self.paths[1], start, size)

    def spans(self) -> list[Span]:
        """Return where the images differ, in whole sectors, as far as both reach."""
        found: list[Span] = []
        for span in self._differing_sectors():
            if found and found[-1].end == span.start:
                found[-1] = Span(found[-1].start, span.end)
            else:
                found.append(span)
        return found

    def excerpt(self, span: Span) -> tuple[str, str]:
        """The first bytes that differ in *span*, as both have them, with their offset."""
        left, right = self.read(span.start, min(span.end - span.start, LARGEST_BLOCK))
        at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), 0)
        return (
            f"{show(left[at : at + SHOWN])} at byte {span.start + at}",
            show(right[at : at + SHOWN]),
        )

    def _differing_sectors(self) -> Iterator[Span]:
        size = min(self.sizes())
        with self.paths[0].open("rb") as left, self.paths[1].open("rb") as right:
            for start in _chunks_with_data(left.fileno(), right.fileno(), size):
                wanted = min(CHUNK, size - start)
                a = os.pread(left.fileno(), wanted, start)
                b = os.pread(right.fileno(), wanted, start)
                if a == b:
                    continue
                for at in range(0, wanted, SECTOR):
                    if a[at : at + SECTOR] != b[at : at + SECTOR]:
                        yield Span(start + at, start + min(at + SECTOR, wanted))


def show(piece: bytes) -> str:
    """Bytes for people: as text where they are text, else in hexadecimal."""
    text = piece.rstrip(b"\0")
    if text and all(32 <= byte < 127 or byte in b"\n\t" for byte in text):
        return repr(text.decode())
    return piece.hex(" ", 4)


def _read(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def _chunks_with_data(left: int, right: int, size: int) -> Iterator[int]:
    """Where the chunks begin that are not a hole in both files."""
    at = 0
    while at < size:
        at = min(_next_data(left, at, size), _next_data(right, at, size)) // CHUNK * CHUNK
        if at < size:
            yield at
        at += CHUNK


def _next_data(file: int, start: int, size: int) -> int:
    try:
        return os.lseek(file, start, os.SEEK_DATA)
    except OSError:  # nothing but a hole up to the end
        return size
