"""Pack files into one archive, so that the same files give the same bytes."""

import bz2
import gzip
import shutil
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import IO, Any

EARLIEST = 315532800  # 1980, the first year that zip can say; in seconds since 1970
PACKED = (".xz", ".gz", ".bz2", ".zst", ".zip")  # compressed already: once is enough
UNIX = 3  # zip's word for whose modes its members have (APPNOTE.TXT 4.4.2)
CHUNK = 1024 * 1024  # bytes

Files = Mapping[str, Path]  # what lies where: path in the archive, file on this machine


def write_zip(archive: Path, files: Files, clock: int) -> None:
    """Deflate what is not compressed yet; ZIP64 only where a size needs it."""
    moment = time.gmtime(max(clock, EARLIEST))[:6]
    with zipfile.ZipFile(archive, "w") as zipped:
        for name, path in sorted(files.items()):
            member = zipfile.ZipInfo(name, moment)
            member.create_system, member.external_attr = UNIX, _mode(path) << 16
            member.file_size = path.stat().st_size
            packed = PurePath(name).suffix in PACKED
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            with path.open("rb") as source, zipped.open(member, "w") as target:
                shutil.copyfileobj(source, target, CHUNK)


def write_tar(archive: Path, files: Files, clock: int) -> None:
    """Not compressed."""
    with archive.open("wb") as file:
        _tar(file, files, clock)


def write_tar_gz(archive: Path, files: Files, clock: int) -> None:
    """Compressed by gzip, with neither a name nor today's time in its header."""
    with archive.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=clock) as packed:
        _tar(packed, files, clock)


def write_tar_bz2(archive: Path, files: Files, clock: int) -> None:
    """Compressed by bzip2."""
    with bz2.BZ2File(archive, "wb") as packed:
        _tar(packed, files, clock)


def _tar(file: IO[bytes] | Any, files: Files, clock: int) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, path in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = path.stat().st_size, _mode(path), clock
            member.uname = member.gname = "root"
            with path.open("rb") as source:
                tar.addfile(member, source)


def _mode(path: Path) -> int:
    """Whether a file can be run is all that is kept of its mode."""
    return 0o100755 if path.stat().st_mode & 0o100 else 0o100644


WRITERS: dict[str, Callable[[Path, Files, int], None]] = {
    "zip": write_zip,
    "zip.64": write_zip,
    "tar": write_tar,
    "tar.gz": write_tar_gz,
    "tar.bz2": write_tar_bz2,
}


def holds_appliance(archive: Path, name: str) -> bool:
    """True for an archive of ours, or of the original appliance-creator's: what describes the
    appliance *name* is in it."""
    wanted = {f"{name}.packages.json", f"{name}.xml"}
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                return any(PurePath(member).name in wanted for member in zipped.namelist())
        with tarfile.open(archive) as tar:
            return any(PurePath(member.name).name in wanted for member in tar)
    except (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile):
        return False


def suffix(kind: str) -> str:
    """What the name of an archive of that kind ends with; empty for no archive."""
    return f".{kind.removesuffix('.64')}" if kind else ""
