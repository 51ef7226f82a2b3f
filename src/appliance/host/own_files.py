"""Copy the author's own files, and know what was copied: one digest for all that counts of them.

What counts are names, kinds, modes, contents, the targets of links, and which names are one file.
What does not are owners and times, which are those of whoever has the files: so a checkout of
somebody else, tomorrow, has the same digest.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import CommandError, RequestError
from appliance.host import trees

LETTERS = {  # of the kinds of files, as ls(1) has them
    stat.S_IFREG: "-", stat.S_IFDIR: "d", stat.S_IFLNK: "l",
    stat.S_IFIFO: "p", stat.S_IFCHR: "c", stat.S_IFBLK: "b",
}  # fmt: skip
DEVICES = (stat.S_IFCHR, stat.S_IFBLK)


@dataclass(frozen=True)
class Amount:
    """What is in some files: their *digest*, how many *files* they are, and of how many bytes
    (*size*)."""

    digest: str
    files: int
    size: int


@dataclass(frozen=True)
class Target:
    """Where copies go, and what becomes of them.

    *directory*: finds the directory that a path is (relative to the target; empty: the target
        itself), links followed; it need not be there.
    *name*: finds where a file of that path is to be, a link there not followed.
    *owner*: the user's and the group's number; None: whoever copies.
    *mode*: the files' mode; None: each keeps its own.
    *clock*: the time that they get, in seconds since 1970.
    """

    directory: Callable[[str], Path]
    name: Callable[[str], Path]
    owner: tuple[int, int] | None
    mode: int | None
    clock: int


@dataclass(frozen=True)
class _Entry:
    """One name below a source: its path there, the file, and what lstat(2) says of it; *twin* is
    the path of an earlier name of the same file."""

    path: str
    file: Path
    kind: int
    mode: int
    size: int
    device: int
    twin: str

    @property
    def is_new_file(self) -> bool:
        return self.kind == stat.S_IFREG and not self.twin

    def line(self, content: str) -> bytes:
        """All that counts of it, as a line; *content* is the SHA-256 of a file."""
        detail = content
        if self.kind == stat.S_IFLNK:
            detail = _link(self.file)
        elif self.kind in DEVICES:
            detail = f"{os.major(self.device)}:{os.minor(self.device)}"
        words = (LETTERS[self.kind], f"{self.mode:o}", self.path, self.twin, detail)
        return "\0".join((*words, "\n")).encode(errors="surrogateescape")


def amount(
    source: Path, *, devices: bool, without: Collection[str] = (), content: bool = True
) -> Amount:
    """Return what is in *source*, a file or a directory with all below it but the directories
    *without*; links are not followed. With *content* False, files are not read: then their contents
    do not count.

    Raises RequestError for what cannot be read or copied: a socket, or, unless *devices* may be
    there, a device.
    """
    listing, files, size = hashlib.sha256(), 0, 0
    for entry in _entries(source, without):
        if entry.kind in DEVICES and not devices:
            raise RequestError(f"{entry.file} is a device: scripts see none")
        listing.update(entry.line(_sum(entry, content=content) if entry.is_new_file else ""))
        files += entry.kind != stat.S_IFDIR
        size += entry.size
    return Amount(listing.hexdigest(), files, size)


def _sum(entry: _Entry, *, content: bool) -> str:
    if content:
        return _read(entry.file, lambda block, place: None)
    if not os.access(entry.file, os.R_OK):
        raise RequestError(f"{entry.file} cannot be read: {os.strerror(errno.EACCES)}")
    return ""


def copy(source: Path, target: Target, *, without: Collection[str] = ()) -> str:
    """Copy *source*, a file or a directory with all below it but the directories *without*, and
    return its digest, as amount() has it.

    Directories that are there stay as they are, and so do links to directories where *source* has
    a directory; other files are replaced.

    Raises RequestError for what cannot be read, CommandError for what cannot be written.
    """
    listing = hashlib.sha256()
    made: list[Path] = []
    for entry in _entries(source, without):
        with _writing(entry):
            if not entry.path:
                target.name("").parent.mkdir(parents=True, exist_ok=True)
            if entry.kind == stat.S_IFDIR:
                said = ""
                made += _make_directory(entry, target)
            else:
                place = _room_for(entry, target)
                said = _make(entry, place, target)
                os.utime(place, (target.clock, target.clock), follow_symlinks=False)
        listing.update(entry.line(said))
    for directory in reversed(made):
        os.utime(directory, (target.clock, target.clock))
    return listing.hexdigest()


def _entries(source: Path, without: Collection[str]) -> Iterator[_Entry]:
    """Yield *source* and all below it but what is *without*, sorted, each directory before what is
    in it."""
    seen: dict[tuple[int, int], str] = {}
    pending = [""]
    while pending:
        path = pending.pop()
        file = source / path if path else source
        if path and str(file) in without:
            continue
        with _reading(file):
            status = file.lstat()
            kind = stat.S_IFMT(status.st_mode)
            below = sorted(each.name for each in file.iterdir()) if kind == stat.S_IFDIR else []
        if kind not in LETTERS:
            raise RequestError(f"{file} is a socket, which means nothing in an image")
        one = (status.st_dev, status.st_ino)
        twin = seen.get(one, "") if kind != stat.S_IFDIR else ""
        if status.st_nlink > 1:
            seen.setdefault(one, path)
        yield _Entry(
            path, file, kind, 0o777 if kind == stat.S_IFLNK else stat.S_IMODE(status.st_mode),
            status.st_size if kind == stat.S_IFREG else 0, status.st_rdev, twin,
        )  # fmt: skip
        pending += [f"{path}/{name}" if path else name for name in reversed(below)]


def _link(file: Path) -> str:
    with _reading(file):
        return os.readlink(file)  # noqa: PTH115 - a Path would not keep what it says as it is


def _read(file: Path, write: Callable[[bytes, int], None]) -> str:
    """Hand the content of a regular *file* to *write*, and return its SHA-256. What has become
    something else meanwhile is not read: a pipe would never end."""
    with _reading(file):
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise RequestError(f"{file} changed while it was read", hint="build again")
        return trees.stream(number, write)
    except OSError as error:
        if error.errno not in (errno.ESTALE, errno.EIO):  # those of *write*
            raise
        raise RequestError(f"{file} cannot be read: {error.strerror}") from error
    finally:
        os.close(number)


def _room_for(entry: _Entry, target: Target) -> Path:
    """Return where *entry* goes, with nothing there. A link may replace a link to a directory; a
    file may not: of /bin, which leads to /usr/bin, nothing would be left."""
    place = target.name(entry.path)
    into_link = place.is_symlink() and entry.kind != stat.S_IFLNK
    if target.directory(entry.path).is_dir() if into_link else _is_directory(place):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    place.unlink(missing_ok=True)
    return place


def _is_directory(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()


def _make_directory(entry: _Entry, target: Target) -> list[Path]:
    """Make the directory *entry* unless there is one; return what was made."""
    place = target.directory(entry.path)
    if place.is_dir():
        return []
    place.mkdir(parents=True)
    mode = entry.mode if target.mode is None else searchable(target.mode)
    _give(place, target, mode)
    return [place]


def searchable(mode: int) -> int:
    """Return *mode* with the right to search a directory for all who may read it."""
    return mode | (mode & 0o444) >> 2


def _make(entry: _Entry, place: Path, target: Target) -> str:
    """Make *entry*, which is no directory, at *place*; return the SHA-256 of its content."""
    if entry.twin:
        os.link(target.name(entry.twin), place, follow_symlinks=False)
        return ""
    said = ""
    if entry.kind == stat.S_IFLNK:
        place.symlink_to(_link(entry.file))
    elif entry.kind == stat.S_IFREG:
        said = _write(entry, place)
    else:
        os.mknod(place, entry.kind | 0o600, entry.device)
    _give(place, target, entry.mode if target.mode is None else target.mode)
    return said


def _write(entry: _Entry, place: Path) -> str:
    with place.open("xb") as new:

        def write(block: bytes, start: int) -> None:
            done = 0
            while done < len(block):
                done += os.pwrite(new.fileno(), block[done:], start + done)

        said = _read(entry.file, write)
        if os.fstat(new.fileno()).st_size < entry.size:
            new.truncate(entry.size)  # a hole at the end
    return said


def _give(place: Path, target: Target, mode: int) -> None:
    """Give the new file *place* its owner and its *mode*, which a change of the owner may clear."""
    if target.owner:
        os.lchown(place, *target.owner)
    if not place.is_symlink():
        place.chmod(mode)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Raise RequestError where *file* cannot be read."""
    try:
        yield
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}") from error


REASONS = {  # what to say, and what to try
    errno.EISDIR: ("there is a directory", "a slash behind the directory's name, to copy into it"),
    errno.ENOTDIR: ("there is a file where a directory must be", ""),
    errno.ENAMETOOLONG: ("its path is longer than the image can have", "a shorter DEST"),
    errno.EEXIST: ("there is a file where a directory must be", ""),
    errno.EINVAL: ("a plain user's build has 65536 ids, and its owner is none of them", ""),
    errno.EPERM: ("only root may do that", ""),
}


@contextmanager
def _writing(entry: _Entry) -> Iterator[None]:
    """Raise CommandError where a copy of *entry* cannot be written, unless a disk is full, which
    others explain."""
    try:
        yield
    except OSError as error:
        if error.errno not in REASONS:
            raise
        reason, hint = REASONS[error.errno]
        raise CommandError(f"{entry.file} cannot be copied: {reason}", hint=hint) from error
