"""Tar archives in GNU's format, whose holes are left out, written while the files are read."""

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from appliance.backends.bundle_formats.model import Files, Member, Packing, in_folder
from appliance.bundle.model import Bundle
from appliance.units import align_up

BLOCK = 512
GRAIN = 65536  # bytes: so many zeros in their place are a hole, wherever the filesystem has its own
CHUNK = 16 * GRAIN
ZEROS = bytes(GRAIN)
IN_HEADER, IN_EXTENSION = 4, 21  # runs of data that are listed there (GNU tar, "Basic Tar Format")
SPARSE = b"S"
Span = tuple[int, int]  # start and length, in bytes
Form = Literal[0, 1, 2]  # of tarfile: ustar, GNU, pax


class Stream(Protocol):
    """Something that takes the bytes of a tar file, one piece after the other."""

    def write(self, data: bytes) -> object:
        """Take *data*, the next bytes."""


Opener = Callable[[Path, Packing], AbstractContextManager[Stream]]


def plain(target: Path, manner: Packing) -> AbstractContextManager[Stream]:
    """Open the file *target* to write a tar file to it that is not compressed."""
    del manner
    return target.open("wb")


class TarBundle:
    """A tar file of one folder with all files of the bundle, compressed by *opener*."""

    formats: tuple[str, ...] = ()

    def __init__(self, name: str, says: str, opener: Opener) -> None:
        self.name, self.says, self._opener = name, says, opener
        self.suffix = f".{name}"

    def refuses(self, bundle: Bundle) -> str:
        """An empty text: every bundle can be a tar file."""
        del bundle
        return ""

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """All files of the bundle, in one folder with its name."""
        return in_folder(bundle, files)

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* as a tar file, compressed as this format says."""
        with self._opener(target, manner) as stream:
            write_tar(stream, members, clock=manner.clock)


def write_tar(stream: Stream, members: Iterable[Member], *, clock: int) -> None:
    """Write *members* as a GNU tar archive; files with holes become sparse members, and *clock* is
    the time of every member."""
    for member in members:
        if member.path is None:
            _write_data(stream, member, clock=clock)
            continue
        with member.path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            runs = list(spans(file.fileno(), size))
            if sum(run for _, run in runs) == size:
                stream.write(_header(member, size, clock=clock))
            else:
                stream.write(_sparse_header(member, runs, size, clock=clock))
            _copy(stream, file.fileno(), runs, name=member.path)
    stream.write(bytes(2 * BLOCK))


def write_plain(
    stream: Stream, members: Iterable[Member], *, clock: int, form: Form = tarfile.GNU_FORMAT
) -> None:
    """Write *members* as a tar archive of the tarfile format *form* in which nothing is sparse; a
    member that *form* cannot hold is written in GNU's format."""
    for member in members:
        if member.path is None:
            _write_data(stream, member, clock=clock, form=form)
            continue
        with member.path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            stream.write(_header(member, size, clock=clock, form=form))
            _copy(stream, file.fileno(), [(0, size)], name=member.path)
    stream.write(bytes(2 * BLOCK))


def _write_data(
    stream: Stream, member: Member, *, clock: int, form: Form = tarfile.GNU_FORMAT
) -> None:
    size = len(member.data)
    stream.write(_header(member, size, clock=clock, form=form))
    stream.write(member.data + bytes(-size % BLOCK))


def _copy(stream: Stream, file: int, runs: list[Span], *, name: Path) -> None:
    """Copy the *runs* of an open file to *stream*, and fill the last block with zeros.

    Raises OSError if the file *name* became shorter.
    """
    for start, run in runs:
        for place in range(start, start + run, CHUNK):
            wanted = min(CHUNK, start + run - place)
            data = os.pread(file, wanted, place)
            if len(data) != wanted:
                raise OSError(f"{name} was cut off while it was read")
            stream.write(data)
    stream.write(bytes(-sum(run for _, run in runs) % BLOCK))


def spans(file: int, size: int) -> Iterator[Span]:
    """Where an open file of *size* bytes has data: grains that are not zeros, whatever holes the
    filesystem made, so that the same bytes have the same spans."""
    start = end = 0
    for place in _grains(file, size):
        data = os.pread(file, GRAIN, place)
        if data == ZEROS[: len(data)]:
            continue
        if place != end:
            if end > start:
                yield start, end - start
            start = place
        end = place + len(data)
    if end > start:
        yield start, end - start


def _grains(file: int, size: int) -> Iterator[int]:
    """The first byte of each grain of an open file that is not wholly in a hole."""
    place = 0
    while place < size:
        try:
            data = os.lseek(file, place, os.SEEK_DATA)
            hole = os.lseek(file, data, os.SEEK_HOLE)
        except OSError:  # nothing but a hole is left
            return
        first = max(place, data // GRAIN * GRAIN)
        place = align_up(hole, GRAIN)
        yield from range(first, min(place, size), GRAIN)


def _header(member: Member, size: int, *, clock: int, form: Form = tarfile.GNU_FORMAT) -> bytes:
    entry = tarfile.TarInfo(member.name)
    entry.size, entry.mode, entry.mtime = size, member.mode, clock
    entry.uname = entry.gname = "root"
    try:
        return entry.tobuf(form)
    except ValueError:  # of ustar: a long name, 8 GiB
        return entry.tobuf(tarfile.GNU_FORMAT)


def _sparse_header(member: Member, runs: list[Span], size: int, *, clock: int) -> bytes:
    """The old GNU header for sparse files, which tar, bsdtar and Google's import all read: it
    lists the first *runs* itself, and the others in blocks behind it."""
    length = sum(run for _, run in runs)
    whole = _header(member, length, clock=clock)
    before, header = whole[:-BLOCK], bytearray(whole[-BLOCK:])  # long names come before it
    listed = [*runs, (size, 0)] if not runs or sum(runs[-1]) < size else runs
    header[156:157] = SPARSE
    header[386:482] = _entries(listed[:IN_HEADER], IN_HEADER)
    rest = listed[IN_HEADER:]
    header[482] = bool(rest)
    header[483:495] = _number(size)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    extensions = b""
    while rest:
        now, rest = rest[:IN_EXTENSION], rest[IN_EXTENSION:]
        extensions += (_entries(now, IN_EXTENSION) + bytes((bool(rest),))).ljust(BLOCK, b"\0")
    return before + bytes(header) + extensions


def _entries(runs: list[Span], room: int) -> bytes:
    return b"".join(_number(start) + _number(run) for start, run in runs).ljust(24 * room, b"\0")


def _number(value: int) -> bytes:
    """Write a number in twelve bytes of a header: octal if it fits, else in GNU's base-256."""
    if value < 8**11:
        return b"%011o\0" % value
    return b"\x80" + value.to_bytes(11, "big")
