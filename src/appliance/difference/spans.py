"""Which bytes of two files differ. Holes are not read: they are zeros on both sides."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.intake.layers import USUAL, Means
from appliance.units import KIB, MIB, SECTOR

CHUNK = MIB
LARGEST_BLOCK = 64 * KIB  # a span begins in a unit that differs, and none is larger
SHOWN = 16  # bytes of an excerpt


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
    """Two images of raw bytes, or a stretch of each, open for reading; *means* is
    what it takes to read them. Offsets count from the beginning of the stretches."""

    def __init__(
        self,
        left: Path,
        right: Path,
        means: Means = USUAL,
        stretches: tuple[Span, Span] | None = None,
    ) -> None:
        self.paths, self.means, self.cut = (left, right), means, stretches

    @property
    def stretches(self) -> tuple[Span, Span]:
        """What is looked at of each file."""
        left, right = self.paths
        return self.cut or (Span(0, left.stat().st_size), Span(0, right.stat().st_size))

    def sizes(self) -> tuple[int, int]:
        """The sizes of both, in bytes."""
        left, right = self.stretches
        return left.end - left.start, right.end - right.start

    def stretched(self, left: Span, right: Span) -> "Pair":
        """The pair of a stretch of each, as far as there is that much of it."""
        cut = [
            Span(min(whole.start + span.start, whole.end), min(whole.start + span.end, whole.end))
            for whole, span in zip(self.stretches, (left, right), strict=True)
        ]
        return Pair(*self.paths, self.means, (cut[0], cut[1]))

    def places(self, inside: Span) -> list[tuple[Path, Span]]:
        """Where the bytes *inside* are in the file of each. What is all of the shorter one is all
        of the other, too."""
        whole = inside == Span(0, min(self.sizes()))
        return [
            (
                path,
                stretch
                if whole
                else Span(stretch.start + inside.start, stretch.start + inside.end),
            )
            for path, stretch in zip(self.paths, self.stretches, strict=True)
        ]

    def read(self, start: int, size: int) -> tuple[bytes, bytes]:
        """Return *size* bytes from *start* on, of both."""
        left, right = (
            _read(
                path, stretch.start + start, max(0, min(size, stretch.end - stretch.start - start))
            )
            for path, stretch in zip(self.paths, self.stretches, strict=True)
        )
        return left, right

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
            f"{show(left[at : at + SHOWN])} at byte {self.stretches[0].start + span.start + at}",
            show(right[at : at + SHOWN]),
        )

    def _differing_sectors(self) -> Iterator[Span]:
        size = min(self.sizes())
        origins = self.stretches[0].start, self.stretches[1].start
        with self.paths[0].open("rb") as left, self.paths[1].open("rb") as right:
            files = (left.fileno(), origins[0]), (right.fileno(), origins[1])
            for start in _chunks_with_data(files, size):
                wanted = min(CHUNK, size - start)
                a, b = (os.pread(file, wanted, origin + start) for file, origin in files)
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


def _chunks_with_data(files: Sequence[tuple[int, int]], size: int) -> Iterator[int]:
    """Where the chunks begin that are not a hole in all *files*, each counted from its origin."""
    at = 0
    while at < size:
        following = (
            _next_data(file, origin + at, origin + size) - origin for file, origin in files
        )
        at = min(following) // CHUNK * CHUNK
        if at < size:
            yield at
        at += CHUNK


def _next_data(file: int, start: int, size: int) -> int:
    try:
        return os.lseek(file, start, os.SEEK_DATA)
    except OSError:  # nothing but a hole up to the end
        return size
