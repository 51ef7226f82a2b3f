"""Root trees as layers: what a step changed in a tree, packed into one tar file and unpacked again.

A tree is changed in place, and a layer is the difference: found by looking at every inode before
and after (a change always moves its ctime, which nobody can set back). An overlay mount would
tell the same, but a plain user's cannot keep directories that replace others in memory before
Linux 6.6 (user.* attributes on tmpfs), it breaks hard links, and it costs a copy for each file
that a later layer touches.
"""

import ctypes
import errno
import hashlib
import os
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from appliance.host import command

ARCHIVE, REMOVED = "layer.tar.zst", "removed"
NEXT_TO_NOTHING = 1024 * 1024  # bytes
CHUNK = 4 * 1024 * 1024  # bytes
PIECE = 1024 * 1024  # bytes: what is moved at once stays in the processor's cache
FALLOC_PUNCH_HOLE_KEEP_SIZE = 0x03  # fallocate(2)
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # renameat2(2)

Inode = tuple[int, int, int]  # number, kind, time of the last change in nanoseconds
Snapshot = dict[str, Inode]


@dataclass(frozen=True)
class Changes:
    """What differs between two looks at a tree: the paths that were written and those that were
    removed, relative to the tree and sorted."""

    written: tuple[str, ...]
    removed: tuple[str, ...]


def look(root: Path) -> Snapshot:
    """Take note of every inode below *root*, and of *root* itself ("."); no mount is entered."""
    device = root.stat().st_dev
    return {path: _inode(status) for path, status in walk(root) if status.st_dev == device}


def look_again(root: Path, paths: Iterable[str]) -> Snapshot:
    """Take note of the inodes of *paths* below *root*, and of no other."""
    return {path: _inode((root / path).lstat()) for path in paths}


def _inode(status: os.stat_result) -> Inode:
    return (status.st_ino, stat.S_IFMT(status.st_mode), status.st_ctime_ns)


def walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield each path below *root*, relative to it, with its status; *root* itself is "."."""
    yield ".", root.lstat()
    pending = [""]
    while pending:
        directory = pending.pop()
        with os.scandir(root / directory) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                yield directory + entry.name, status
                if stat.S_ISDIR(status.st_mode):
                    pending.append(f"{directory}{entry.name}/")


def compare(before: Snapshot, after: Snapshot) -> Changes:
    """Say what was written and removed in a tree between two looks.

    The directories above whatever was written count as written: unpacking a file over another
    moves their times, and only what a layer holds is set right in the end.
    """
    changed = {path for path, inode in after.items() if before.get(path) != inode}
    above = {str(parent) for path in changed for parent in PurePath(path).parents}
    written = sorted(changed | above)
    removed = sorted(
        path for path, inode in before.items() if path not in after or after[path][1] != inode[1]
    )
    return Changes(tuple(written), tuple(removed))


def clamp(root: Path, paths: tuple[str, ...], clock: int) -> None:
    """Set the modification time of those of *paths* below *root* that are younger than *clock*
    (seconds since 1970) to *clock*."""
    limit = clock * 1_000_000_000
    for path in (root / name for name in paths):
        if path.lstat().st_mtime_ns > limit:
            os.utime(path, ns=(limit, limit), follow_symlinks=False)


def pack(root: Path, changes: Changes, place: Path, *, cores: int) -> None:
    """Write *changes* of *root* into the directory *place*: a compressed tar file of what was
    written, and a list of what was removed. At most *cores* cores compress."""
    names = "\0".join(f"./{path}" for path in changes.written)
    command.run(
        [
            "tar", "--create", "--file", place / ARCHIVE, "--directory", root,
            "--use-compress-program", f"zstd -q -1 -T{cores}",
            "--format=posix", "--numeric-owner", "--sparse", "--acls", "--xattrs",
            "--xattrs-include=*", "--no-recursion", "--null", "--files-from=-",
        ],
        stdin=names,
    )  # fmt: skip
    (place / REMOVED).write_bytes("\0".join(changes.removed).encode(errors="surrogateescape"))


def unpack(root: Path, place: Path) -> None:
    """Apply the layer in the directory *place* to the tree *root*: delete what it removed, then
    unpack what it wrote, with owners and attributes."""
    listed = (place / REMOVED).read_bytes().decode(errors="surrogateescape")
    for path in (root / name for name in listed.split("\0") if name):
        remove(path)
    command.run(
        [
            "tar", "--extract", "--file", place / ARCHIVE, "--directory", root,
            "--use-compress-program", "zstd -q",
            "--numeric-owner", "--preserve-permissions", "--acls", "--xattrs",
            "--xattrs-include=*", "--delay-directory-restore",
        ],
    )  # fmt: skip


def unpack_as_ours(root: Path, place: Path) -> None:
    """Unpack the layer in the directory *place* into the empty directory *root*, all of it owned
    and writable by us, so that we can remove it without being root."""
    command.run(
        [
            "tar", "--extract", "--file", place / ARCHIVE, "--directory", root,
            "--use-compress-program", "zstd -q", "--no-same-owner", "--delay-directory-restore",
        ],
    )  # fmt: skip
    command.run(["chmod", "--recursive", "u+rwX", root])


def unpack_files(archive: Path, place: Path) -> None:
    """Unpack the tar file *archive* into the new directory *place*. If we are root, the files have
    their owners and attributes; else all of them are ours, so that we can remove them."""
    place.mkdir()
    ours = os.geteuid() != 0
    words = ("--no-same-owner",) if ours else (
        "--numeric-owner", "--same-owner", "--preserve-permissions", "--acls", "--xattrs",
        "--xattrs-include=*",
    )  # fmt: skip
    command.run(["tar", "--extract", "--file", archive, "--directory", place, *words,
                 "--delay-directory-restore"])  # fmt: skip
    if ours:
        command.run(["chmod", "--recursive", "u+rwX", place])


def packed_sums(archive: Path) -> Iterator[tuple[str, str]]:
    """The path and the SHA-256, in hexadecimal, of every regular file in a tar file, each name of
    one with several."""
    found: dict[str, str] = {}
    with tarfile.open(archive, "r:*") as members:
        for member in members:
            path = os.path.normpath(member.name)
            if member.islnk():
                found[path] = found[os.path.normpath(member.linkname)]
            elif stream := members.extractfile(member) if member.isreg() else None:
                digest = hashlib.sha256()
                while piece := stream.read(PIECE):
                    digest.update(piece)
                found[path] = digest.hexdigest()
            else:
                continue
            yield path, found[path]


def put_in_order(root: Path) -> bool:
    """Make every directory below *root* list its entries in order of names; False if the
    filesystem that holds them does not allow that.

    mke2fs before 1.47.1 numbers inodes in the order in which directories list them. Memory
    filesystems list what came last first (or last, since Linux 6.6), so moving the entries over
    one by one, with no data copied, is enough; other filesystems cannot be told.
    """
    backwards = _lists_backwards(root)
    for directory, names, files in os.walk(root, topdown=False):
        path = Path(directory)
        wanted = sorted(names + files)
        if _listing(path) != wanted:
            _reorder(path, wanted[::-1] if backwards else wanted)
            if _listing(path) != wanted:
                return False
    return True


def _lists_backwards(root: Path) -> bool:
    probe = root / ".order"
    probe.mkdir()
    try:
        for name in ("a", "b", "c"):
            (probe / name).touch()
        return _listing(probe) == ["c", "b", "a"]
    finally:
        shutil.rmtree(probe)


def _listing(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return [entry.name for entry in entries]


def _reorder(path: Path, names: list[str]) -> None:
    """Move *names* out of *path* and back in, in that order; *path* keeps its times."""
    status = path.stat()
    aside = path / ".order"
    aside.mkdir()
    for name in names:
        kept = (path / name).lstat()
        (path / name).rename(aside / name)
        (aside / name).rename(path / name)
        if stat.S_ISDIR(kept.st_mode):
            os.utime(path / name, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    aside.rmdir()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remove(path: Path) -> None:
    """Delete the file or the tree *path*, if it exists; a link is deleted, not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; its holes are not read."""
    with path.open("rb") as file:
        return stream(file.fileno(), lambda block, place: None)


def stream(number: int, write: Callable[[bytes, int], None]) -> str:
    """Read the open file *number* piece by piece, handing what is not a hole to *write* with its
    place in the file; return the SHA-256 of all of it, in hexadecimal.

    Raises OSError if it becomes shorter meanwhile.
    """
    digest = hashlib.sha256()
    zeros = bytes(CHUNK)
    size, done = os.fstat(number).st_size, 0
    for start, end in data_ranges(number, size):
        while done < start:
            digest.update(zeros[: min(CHUNK, start - done)])
            done = min(done + CHUNK, start)
        while done < end:
            block = os.pread(number, min(CHUNK, end - done), done)
            if not block:
                raise OSError(errno.ESTALE, "the file became shorter while it was read")
            digest.update(block)
            write(block, done)
            done += len(block)
    return digest.hexdigest()


def data_ranges(number: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where the open file *number* of *size* bytes has data, as (start, end), and lastly
    (*size*, *size*), so that the caller sees a hole at the end too (lseek(2), SEEK_DATA)."""
    start = 0
    while start < size:
        try:
            start = os.lseek(number, start, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:  # no more data: the rest is a hole
                raise
            break
        end = os.lseek(number, start, os.SEEK_HOLE)
        yield start, end
        start = end
    yield size, size


def copy(source: Path, target: Path) -> None:
    """Copy a file with its holes, sharing blocks where the filesystem can."""
    command.run(["cp", "--sparse=auto", "--reflink=auto", source, target])


def move(source: Path, target: Path) -> None:
    """Move a file with its holes to another filesystem, freeing its blocks on the way.

    So a disk that was made in memory never takes its space twice (fallocate(2), lseek(2)).
    """
    with target.open("wb") as new:
        new.truncate(source.stat().st_size)
    move_into(source, target, 0)


def move_into(source: Path, target: Path, start: int) -> None:
    """Move the data of *source* into the file *target*, from its byte *start* on, freeing the
    blocks of *source* on the way. Where *source* has holes or zeros, *target* is not written, and
    has to have holes.

    Raises OSError if *target* takes no more; what was not moved is in *source* still.
    """
    zeros = bytes(PIECE)
    libc = ctypes.CDLL(None, use_errno=True)
    with source.open("r+b") as old, target.open("r+b") as new:
        size = os.fstat(old.fileno()).st_size
        for first, end in data_ranges(old.fileno(), size):
            for place in range(first, end, PIECE):
                count = min(end - place, PIECE)
                block = os.pread(old.fileno(), count, place)
                if block != zeros[:count]:
                    _write(new.fileno(), block, start + place)
                where, length = ctypes.c_int64(place), ctypes.c_int64(count)
                libc.fallocate(old.fileno(), FALLOC_PUNCH_HOLE_KEEP_SIZE, where, length)
    source.unlink()


def _write(number: int, block: bytes, place: int) -> None:
    """Write all of *block* at *place*: a disk that becomes full takes a part first, and refuses
    only the rest (write(2))."""
    while block:
        count = os.pwrite(number, block, place)
        block, place = block[count:], place + count


def is_full(place: Path) -> bool:
    """Whether less than 1 MiB can still be written to the filesystem that holds *place*."""
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize < NEXT_TO_NOTHING


def exchange(new: Path, old: Path) -> None:
    """Put *new* in the place of *old* in one step; afterwards *new* is what *old* was, if that
    existed. On a filesystem that cannot exchange names it takes three steps."""
    if not old.exists():
        try:
            new.rename(old)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise  # else somebody was faster: exchange it for theirs
    paths = (os.fsencode(new), os.fsencode(old))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
        return
    aside = new.with_name(f"{new.name}.old")  # a filesystem that cannot exchange: nearly as good
    old.rename(aside)
    new.rename(old)
    aside.rename(new)
