"""Bundle files that came from anywhere: look into them, and unpack them where they do no harm."""

import errno
import hashlib
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self, TypeVar

from appliance.backends.compressors import zst
from appliance.errors import RequestError
from appliance.events import Emit, phase
from appliance.intake.compressed_disks import MOST_BYTES
from appliance.store.results import Store, full_disk_explained
from appliance.units import MIB, show

SUFFIXES = (".zip", ".tar", ".ova", ".box", ".gz", ".bz2", ".xz", ".zst", ".tgz")
MOST_FILES = 10_000
DEEPEST, LONGEST = 8, 1024  # folders in each other; bytes of a path
LONGEST_NAME = 255  # bytes of one name (NAME_MAX)
LONGEST_EXTENSION = MIB  # bytes of a header that says more of the next: readers take it whole
MOST_PIECES = 100_000  # of a sparse member: each takes a reader some 100 bytes of memory
EXTENSIONS = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE,
              tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)  # fmt: skip
CHUNK = MIB
ZEROS = bytes(CHUNK)
CONTENT = "bundle"  # the directory, in the store, of what was in it
PIECES_IN_BLOCK = 21  # of an old GNU map; in one of PAX 1.0 a piece is two numbers, in digits
LONGEST_PIECE = 2 * 12  # bytes of them, on average
ENCRYPTED = 1  # of a zip's flags (APPNOTE.TXT, 4.4.4)
# What the readers of archives raise for what is none, or is damaged.
BROKEN = (
    EOFError, zlib.error, LZMAError, tarfile.TarError, zipfile.BadZipFile, RuntimeError,
    ValueError, LookupError, ArithmeticError, struct.error, MemoryError,
)  # fmt: skip

Header = TypeVar("Header", bound=tarfile.TarInfo)


@dataclass(frozen=True)
class Member:
    """One member of a bundle file. *kind* is file, directory, or what we do not unpack."""

    name: str
    kind: str
    size: int
    stream: IO[bytes] | None = None


def is_bundle_file(path: Path) -> bool:
    """Whether *path* is called as a bundle in one file is: an archive, not a compressed disk."""
    name = path.name.lower()
    one = name.endswith((".zip", ".ova", ".box", ".tgz", ".tar"))
    packed = ".tar." in name and name.endswith(SUFFIXES)
    try:
        return (one or packed) and path.is_file()
    except OSError:  # whoever opens the path says what is wrong with it
        return False


def unpacked(bundle: Path, store: Store, emit: Emit) -> Path:
    """Unpack *bundle* into the store, unless that was done already; return the directory that
    holds the appliance.

    Nothing but plain files and directories comes out, all of them below that directory. Raises
    RequestError for one that is damaged, holds anything else, or is too large.
    """
    store.open()
    digest = _digest(bundle)
    with store.using(), store.lock(digest), full_disk_explained(store.place):
        if store.has(digest):
            store.touch(digest)
        else:
            named = f"bundle:{bundle.name}"
            with store.draft(digest, named) as draft, phase("unpack", emit) as done:
                _unpack(bundle, draft / CONTENT)
                done(bundle.name)
    return _top(store.path(digest) / CONTENT)


def _digest(bundle: Path) -> str:
    """Return the digest under which the store keeps what is in *bundle*."""
    try:
        with bundle.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return hashlib.sha256(f"{CONTENT}:{digest}".encode()).hexdigest()
    except OSError as error:
        raise RequestError(f"cannot read {bundle}: {error.strerror}") from None


def _top(place: Path) -> Path:
    """Return the one directory in an unpacked bundle file, or *place* if there is more than
    that."""
    inside = list(place.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else place


def _unpack(bundle: Path, place: Path) -> None:
    place.mkdir()
    written = count = 0
    with opened(bundle) as entries:
        for entry in entries:
            count += 1
            written += entry.size
            path = place / _checked(entry, bundle)
            if count > MOST_FILES or written > MOST_BYTES:
                raise RequestError(
                    f"{bundle} holds more than {MOST_FILES} files or {show(MOST_BYTES)}",
                    hint="unpack it by hand, if you trust it",
                )
            try:
                (path if entry.kind == "directory" else path.parent).mkdir(
                    parents=True, exist_ok=True
                )
            except (FileExistsError, NotADirectoryError):  # a file of that name, or on the way
                raise RequestError(f"{bundle} holds {entry.name!r} twice") from None
            if entry.kind == "file":
                _write(entry, path, bundle)


def _checked(entry: Member, bundle: Path) -> PurePosixPath:
    """The path of *entry* in the bundle file; raises RequestError if it leads anywhere else."""
    path = PurePosixPath(entry.name)
    problem = ""
    if entry.kind not in ("file", "directory"):
        problem = f"is a {entry.kind}"
    elif path.is_absolute() or ".." in path.parts or "\\" in entry.name or "\0" in entry.name:
        problem = "leads out of it"
    elif len(path.parts) > DEEPEST or len(os.fsencode(entry.name)) > LONGEST:
        problem = "is too deep"
    elif any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        problem = "has too long a name"
    elif any(ord(letter) < ord(" ") or letter == "\x7f" for letter in entry.name):
        problem = "has control characters in its name"
    elif not path.parts and entry.kind == "file":
        problem = "has no name"
    if problem:
        raise RequestError(
            f"{bundle} is not to be trusted: its member {entry.name!r:.200} {problem}"
        )
    return path


def _write(entry: Member, path: Path, bundle: Path) -> None:
    """Write one file with holes where it has zeros; never over another one."""
    if entry.stream is None:
        raise RequestError(f"{bundle}: {entry.name!r} cannot be read")
    done = 0
    try:
        with path.open("xb") as file:
            while data := entry.stream.read(CHUNK):
                done += len(data)
                if done > entry.size:
                    raise RequestError(f"{bundle}: {entry.name!r} is larger than it says")
                if data == ZEROS[: len(data)]:
                    file.seek(len(data), os.SEEK_CUR)
                else:
                    file.write(data)
            file.truncate(done)
    except FileExistsError:
        raise RequestError(f"{bundle} holds {entry.name!r} twice") from None
    if done != entry.size:
        raise RequestError(f"{bundle} is cut off in {entry.name!r}")


@contextmanager
def opened(bundle: Path) -> Iterator[Iterator[Member]]:
    """Look into a bundle file, one member after the other; raises RequestError if it is damaged."""
    try:
        if zipfile.is_zipfile(bundle):
            with zipfile.ZipFile(bundle) as zipped:
                yield _zipped(zipped)
        elif bundle.suffix == ".zst":
            with (
                bundle.open("rb") as file,
                zst.library()
                .ZstdDecompressor()
                .stream_reader(file, read_across_frames=True) as stream,
                tarfile.open(fileobj=stream, mode="r|", tarinfo=BoundedHeader) as tar,
            ):
                yield _tarred(tar)
        else:
            with tarfile.open(bundle, mode="r:*", tarinfo=BoundedHeader) as tar:
                yield _tarred(tar)
    except (*BROKEN, zst.library().ZstdError) as error:
        raise RequestError(f"{bundle} cannot be unpacked: {_said(error)}") from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # but a place before its beginning
            raise
        raise RequestError(f"{bundle} cannot be unpacked: {error}") from None


def _said(error: Exception) -> str:
    """What a reader complains of, in one line."""
    lines = str(error).splitlines()
    if isinstance(error, MemoryError) or not lines:
        return "reading it takes more memory than there is"
    return lines[0] if len(lines) == 1 else "it is no archive"  # tarfile lists what it tried


class BoundedHeader(tarfile.TarInfo):
    """A tar header that is not believed: tarfile's own reader takes a damaged one for the archive's
    end, and reads extensions of any size into memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header from 512 bytes; raise tarfile.ReadError for one that is damaged or too
        large, which tarfile itself would pass over."""
        with _nothing_passed_over(buf):
            return _taken(super().frombuf(buf, encoding, errors))

    @classmethod
    def _frombuf(cls, buf: bytes | bytearray, *words: str, **how: bool) -> Self:
        """Read a header as frombuf() does, for newer Pythons: their reader calls this method
        instead (3.11.2-6+deb12u9 of Debian 12 is the first); older ones do not have it."""
        with _nothing_passed_over(buf):
            header: Self = super()._frombuf(buf, *words, **how)  # type: ignore[misc]
            return _taken(header)

    def _proc_sparse(self, tar: tarfile.TarFile) -> Self:
        """Read the old GNU map of a sparse member, which goes on as long as its blocks say so."""
        with _bounded(tar, MOST_PIECES // PIECES_IN_BLOCK):
            read: Self = super()._proc_sparse(tar)  # type: ignore[misc]
            return read

    def _proc_gnusparse_10(self, following: Self, headers: Any, tar: tarfile.TarFile) -> None:
        """Read the map of a sparse member in PAX format 1.0, which is before its data; those of
        0.0 and 0.1 are in an extension, which is bounded already."""
        with _bounded(tar, MOST_PIECES * LONGEST_PIECE // tarfile.BLOCKSIZE):
            super()._proc_gnusparse_10(following, headers, tar)  # type: ignore[misc]


class _Bounded:
    """A file of which only so many more blocks are read."""

    def __init__(self, file: Any, blocks: int) -> None:
        self.file, self.blocks = file, blocks

    def read(self, size: int) -> bytes:
        """Read *size* bytes; raise tarfile.ReadError where there are none, or too many."""
        self.blocks -= 1
        if self.blocks < 0:
            raise tarfile.ReadError(f"a sparse member has more than {MOST_PIECES} pieces")
        data: bytes = self.file.read(size)
        if len(data) < size:
            raise tarfile.ReadError("it is cut off in the map of a sparse member")
        return data

    def tell(self) -> int:
        """Where we are in the file."""
        return int(self.file.tell())


@contextmanager
def _bounded(tar: tarfile.TarFile, blocks: int) -> Iterator[None]:
    """Let no more than so many blocks be read of *tar*: its map of a sparse member is read in a
    loop that only the archive ends."""
    file = tar.fileobj
    tar.fileobj = _Bounded(file, blocks)  # type: ignore[assignment]
    try:
        yield
    finally:
        tar.fileobj = file


@contextmanager
def _nothing_passed_over(buf: bytes | bytearray) -> Iterator[None]:
    if not buf:
        raise tarfile.ReadError("it is cut off: the end of the archive is missing")
    try:
        yield
    except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
        raise
    except tarfile.HeaderError as error:
        raise tarfile.ReadError(f"{error} of a member") from None


def _taken(header: Header) -> Header:
    if header.type in EXTENSIONS and header.size > LONGEST_EXTENSION:
        raise tarfile.ReadError(f"a header that says more has {show(header.size)}")
    return header


def _zipped(zipped: zipfile.ZipFile) -> Iterator[Member]:
    for member in zipped.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)
        if member.flag_bits & ENCRYPTED:
            raise RequestError(f"{zipped.filename} is encrypted: {member.filename!r}")
        if member.is_dir():
            yield Member(member.filename, "directory", 0)
        elif kind in (0, stat.S_IFREG):
            with zipped.open(member) as stream:
                yield Member(member.filename, "file", member.file_size, stream)
        else:
            yield Member(member.filename, "link or device", 0)


def _tarred(tar: tarfile.TarFile) -> Iterator[Member]:
    for member in tar:
        if member.isdir():
            yield Member(member.name, "directory", 0)
        elif member.isreg() or member.issparse():
            yield Member(member.name, "file", member.size, tar.extractfile(member))
        else:
            yield Member(member.name, "link or device", 0)
        member.sparse, member.pax_headers = None, {}  # the archive keeps every member in memory
