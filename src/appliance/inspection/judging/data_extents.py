"""Where a raw disk has bytes that are not zero."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from appliance.intake.mounted import Area
from appliance.units import MIB

PIECE = MIB  # bytes that are read at once


class Extents:
    """The bytes of an *area* of a raw disk, open as the descriptor *file*."""

    def __init__(self, file: int, area: Area) -> None:
        self._file, self.area = file, area

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """The pieces from byte *start* of the area up to *end* in which not all is zero, each with
        its place; holes of the file cost nothing. Pieces begin at multiples of PIECE."""
        at = start
        while (at := self._data(at, end)) < end:
            piece = os.pread(self._file, min(end, at - at % PIECE + PIECE) - at, self._at(at))
            if not piece:
                return
            if piece.count(0) != len(piece):
                yield at, piece
            at += len(piece)

    def _at(self, place: int) -> int:
        return self.area.start + place

    def _data(self, at: int, end: int) -> int:
        """The first byte from *at* on that is in no hole, in whole pieces; *end* if none is."""
        if at >= end:
            return end
        try:
            found = os.lseek(self._file, self._at(at), os.SEEK_DATA) - self.area.start
        except OSError as error:
            return end if error.errno == errno.ENXIO else at
        return max(at, found - found % PIECE)


@contextmanager
def extents(area: Area) -> Iterator[Extents]:
    """Open *area*; raises OSError if it cannot be read."""
    file = os.open(area.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield Extents(file, area)
    finally:
        os.close(file)
