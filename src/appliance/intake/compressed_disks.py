"""Disk images that are shipped compressed."""

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from appliance.backends.compressors import zst
from appliance.errors import ApplianceError, CommandError, RequestError
from appliance.host import command
from appliance.store.results import SPACE_WORDS, full_disk_explained, full_disk_told
from appliance.units import GIB, MIB, show

MOST_BYTES = 1024 * GIB  # of what is unpacked, with its holes: a few bytes can be packed TiBs
CHUNK = MIB
ZEROS = bytes(CHUNK)
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)  # what readers raise for what is damaged
TAR = ".tar"  # what is in it is no disk, but files


class Readable(Protocol):
    """Something that bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most *size* bytes, fewer only at the end."""


def is_packed(path: Path) -> bool:
    """True if unpack() is for this file, by its name."""
    return path.suffix.lower() in UNPACKERS and Path(path.stem).suffix.lower() != TAR


def by_hand(path: Path) -> str:
    """What people type to unpack *path*, which stays."""
    return f"{BY_HAND[path.suffix.lower()]} {path}"


def unpack(path: Path, target: Path) -> None:
    """Write *target*, which is not there yet, from the packed file *path*; zeros become holes.

    Raises RequestError if the file is damaged or cut off, or if more than MOST_BYTES are in it, and
    HostError if the disk is full; then there is no *target*.
    """
    try:
        with full_disk_told(target.parent):
            UNPACKERS[path.suffix.lower()](path, target)
        target.chmod(0o600)  # whatever the mode of the packed file
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def head(path: Path, count: int) -> bytes:
    """The first *count* bytes of what is in the packed file *path*, or all that there is.

    Raises RequestError if it is damaged there.
    """
    try:
        with OPENERS[path.suffix.lower()](path) as packed:
            return packed.read(count)
    except BROKEN as error:
        raise _refused(path, error) from None


@contextmanager
def _open_zst(path: Path) -> Iterator["Readable"]:
    library = zst.library()
    with path.open("rb") as file, library.ZstdDecompressor().stream_reader(file) as stream:
        try:
            yield stream
        except library.ZstdError as error:
            raise OSError(str(error)) from None


def _xz(path: Path, target: Path) -> None:
    link = target.with_name(f"{target.name}.xz")  # xz names what it writes after what it reads
    link.symlink_to(path.resolve())
    try:
        # a warning is no failure: whoever unpacks need not have the packed file's group
        words = ["--decompress", "--keep", "--force", "--threads=0", "--no-warn"]
        command.run(command.capped(["xz", *words, link], MOST_BYTES), name="xz")
    except CommandError as error:
        _check_size(error, path)
        said = tuple(line.replace(str(link), str(path)) for line in error.tail)
        raise _refused_by("xz", path, said) from None
    finally:
        link.unlink()


def _zst(path: Path, target: Path) -> None:
    try:
        words = ["--decompress", "--quiet", "--no-progress", "--sparse"]
        packed: list[str | Path] = ["zstd", *words, path, "-o", target]
        command.run(command.capped(packed, MOST_BYTES), name="zstd")
    except CommandError as error:
        _check_size(error, path)
        raise _refused_by("zstd", path, error.tail) from None


def _gz(path: Path, target: Path) -> None:
    """Unpack a gzip file with Python: gzip itself makes no holes."""
    try:
        with gzip.open(path) as packed, target.open("wb") as disk, full_disk_explained(target):
            while chunk := packed.read(CHUNK):
                if disk.tell() + len(chunk) > MOST_BYTES:
                    raise _too_large(path)
                if chunk == ZEROS:
                    disk.seek(CHUNK, 1)
                else:
                    disk.write(chunk)
            disk.truncate(disk.tell())
    except BROKEN as error:
        raise _refused(path, error) from None


def _refused(path: Path, error: Exception) -> ApplianceError:
    """The error for what Python's readers and files raise: an OSError with a number is no damage,
    but the system's."""
    system = isinstance(error, OSError) and error.errno is not None
    said = str(error) or "it is damaged"
    return (CommandError if system else RequestError)(f"{path} cannot be unpacked: {said}")


def _refused_by(tool: str, path: Path, said: tuple[str, ...]) -> ApplianceError:
    """The error for a *tool* that gave up with the words *said*."""
    full = any(word in line for word in SPACE_WORDS for line in said)
    problem = f"{path} cannot be unpacked; {tool} says:"
    return (CommandError if full else RequestError)(problem, tail=said)


def _check_size(error: CommandError, path: Path) -> None:
    """Raise RequestError if the program that failed wrote all that it may."""
    if any(command.TOO_LARGE in line for line in error.tail):
        raise _too_large(path) from None


def _too_large(path: Path) -> RequestError:
    return RequestError(
        f"{path} holds more than {show(MOST_BYTES)}", hint="unpack it by hand, if you trust it"
    )


UNPACKERS: dict[str, Callable[[Path, Path], None]] = {".xz": _xz, ".zst": _zst, ".gz": _gz}
OPENERS: dict[str, Callable[[Path], AbstractContextManager[Readable]]] = {
    ".xz": lzma.LZMAFile,
    ".zst": _open_zst,
    ".gz": gzip.GzipFile,
}
BY_HAND = {".xz": "unxz --keep", ".zst": "unzstd", ".gz": "gunzip --keep"}
