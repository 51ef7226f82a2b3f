"""The bytes of one area of a disk, and no others."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Window:
    """*size* bytes from byte *start* of an open *file* on: where there are none, none are read."""

    def __init__(self, file: int, start: int, size: int) -> None:
        self._file, self._start, self.size = file, start, size

    def read(self, at: int, count: int) -> bytes:
        """Up to *count* bytes from *at* on; fewer where the area, or the file, ends."""
        if not 0 <= at < self.size or count <= 0:
            return b""
        return os.pread(self._file, min(count, self.size - at), self._start + at)


@contextmanager
def window(path: Path, start: int, size: int) -> Iterator[Window]:
    """Open the area of the raw disk *path*; raises OSError if it cannot be read."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield Window(file, start, size)
    finally:
        os.close(file)
