"""Compress on all cores: the data are cut into blocks, each of which is compressed by itself.

So the bytes do not depend on how many blocks were made at once, and a block of zeros is made only
once, however many there are.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Protocol, Self, TypeVar

from appliance.errors import HostError

Told = Callable[[int, int], None]
Made = TypeVar("Made")


@dataclass(frozen=True)
class Block:
    """One finished block.

    *data*: its bytes in the compressed file.
    *size*: how many bytes it was made from.
    *note*: a number that the format has to know of each block at the end of the file.
    """

    data: bytes
    size: int
    note: int = 0


@dataclass(frozen=True)
class BlockRecord:
    """The *size* and *note* of a block that was written, without its data."""

    size: int
    note: int


class Compressor(Protocol):
    """How data are written in one format of compressed files."""

    @property
    def suffix(self) -> str:
        """The name of the format, which the names of its files end with."""

    @property
    def block_size(self) -> int:
        """How many bytes are compressed into each block; the last may have fewer."""

    def start(self, total: int | None) -> bytes:
        """The bytes that the file starts with. *total* is the size of all data, None if that is
        not known yet."""

    def block(self, piece: bytes) -> Block:
        """Compress one piece of the data; several threads call this at once."""

    def end(self, records: Sequence[BlockRecord]) -> bytes:
        """The bytes that the file ends with, after the blocks that *records* are of."""


class Crew(Generic[Made]):
    """Calls *make* for each piece on *cores* threads, and returns what it made in the order of
    the pieces.

    A piece that is None stands for *size* zeros. When its `with` is left, all threads are gone;
    pieces that were not begun are dropped.
    """

    def __init__(self, make: Callable[[bytes], Made], *, cores: int, size: int) -> None:
        self._make, self._size, self._window = make, size, 2 * cores
        self._pool = ThreadPoolExecutor(cores)
        self._waiting: deque[Future[Made]] = deque()
        self._zeros: Future[Made] | None = None
        self._busy = 0

    def put(self, piece: bytes | None) -> list[Made]:
        """Take the next piece; return what is finished in order. It waits while twice as many
        pieces as cores are unfinished."""
        if piece is None:
            if self._zeros is None:
                self._zeros = self._pool.submit(self._make, bytes(self._size))
            self._waiting.append(self._zeros)
        else:
            self._waiting.append(self._pool.submit(self._make, piece))
            self._busy += 1
        done = []
        while self._waiting and (self._busy >= self._window or self._waiting[0].done()):
            done.append(self._first())
        return done

    def finish(self) -> Iterator[Made]:
        """Yield what is made of the pieces that are left, in order."""
        while self._waiting:
            yield self._first()

    def _first(self) -> Made:
        first = self._waiting.popleft()
        self._busy -= first is not self._zeros
        return first.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)


class Writer:
    """A file to write to, for tarfile and its like: what is written is compressed into *stream*,
    which stays open.

    close() writes the end; a `with` that is left by an error does not, and ends all threads. The
    bytes depend on what was written, not on the sizes of the writes nor on *cores*. It takes about
    50 MiB of memory a core. Raises OSError if the disk is full.
    """

    def __init__(self, compressor: Compressor, stream: BinaryIO, *, cores: int) -> None:
        self._compressor, self._stream = compressor, stream
        self._size, self._zeros = compressor.block_size, bytes(compressor.block_size)
        self._crew = Crew(compressor.block, cores=cores, size=self._size)
        self._rest, self._records = bytearray(), list[BlockRecord]()
        self._closed = False
        stream.write(compressor.start(None))

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Take all of *data*, and return how many bytes that are."""
        self._rest += data
        while len(self._rest) >= self._size:
            piece = bytes(memoryview(self._rest)[: self._size])
            del self._rest[: self._size]
            self._keep(self._crew.put(None if piece == self._zeros else piece))
        return len(data)

    def close(self) -> None:
        """Write what is left, and the end of the file. A second call does nothing."""
        if self._closed:
            return
        with self._crew:
            self._closed = True
            if self._rest:
                self._keep(self._crew.put(bytes(self._rest)))
            for block in self._crew.finish():
                self._keep([block])
        self._stream.write(self._compressor.end(self._records))

    def _keep(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._stream.write(block.data)
            self._records.append(BlockRecord(block.size, block.note))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self._closed = True
            self._crew.__exit__()


def compress(compressor: Compressor, source: Path, *, target: Path, cores: int, told: Told) -> None:
    """Compress the file *source* to the file *target* on *cores* threads.

    Holes of *source* are not read; a block of zeros is compressed once, however many there are.
    Whatever the size of *source*, this takes about 50 MiB of memory a core. *told* is called, as
    the work goes on, with how many bytes are done and how many there are. Raises HostError if
    *source* becomes shorter meanwhile, OSError if a disk is full.
    """
    records: list[BlockRecord] = []
    size = compressor.block_size
    with (
        source.open("rb") as file,
        target.open("wb") as stream,
        Crew(compressor.block, cores=cores, size=size) as crew,
    ):
        total, done = os.fstat(file.fileno()).st_size, 0
        stream.write(compressor.start(total))
        for block in made_of(pieces(file.fileno(), total, name=source, size=size), crew):
            stream.write(block.data)
            records.append(BlockRecord(block.size, block.note))
            done += block.size
            told(done, total)
        stream.write(compressor.end(records))


def made_of(cut: Iterator[bytes | None], crew: Crew[Made]) -> Iterator[Made]:
    """Yield what *crew* makes of each piece of *cut*, in order."""
    for piece in cut:
        yield from crew.put(piece)
    yield from crew.finish()


def pieces(file: int, total: int, *, name: Path, size: int) -> Iterator[bytes | None]:
    """Cut an open file of *total* bytes into pieces of *size* bytes; None is a piece of zeros.

    Holes are not read. Raises HostError if the file *name* becomes shorter meanwhile.
    """
    zeros = bytes(size)
    data = _seek(file, 0, os.SEEK_DATA, total)
    for start in range(0, total, size):
        end = min(start + size, total)
        piece = None
        if data < end or end - start < size:
            piece = bytearray(end - start)
            data = _fill(file, piece, start, data=data, total=total)
        if os.fstat(file).st_size < end:
            raise HostError(f"{name} was cut off while it was read")
        yield None if piece is None or piece == zeros else bytes(piece)


def _fill(file: int, piece: bytearray, start: int, *, data: int, total: int) -> int:
    """Read into *piece*, which begins at the byte *start* of the file, what is not in holes; the
    first byte that is not in a hole is at *data*.

    Returns where the next data is behind the piece, *total* if there is none.
    """
    end = start + len(piece)
    with memoryview(piece) as view:
        while data < end:
            stop = min(_seek(file, data, os.SEEK_HOLE, total), end)
            got = os.preadv(file, [view[data - start : stop - start]], data)
            if not got:
                return total
            data = _seek(file, data + got, os.SEEK_DATA, total)
    return data


def _seek(file: int, start: int, kind: int, total: int) -> int:
    try:
        return os.lseek(file, start, kind)
    except OSError:  # there is nothing of that kind up to the end
        return total
