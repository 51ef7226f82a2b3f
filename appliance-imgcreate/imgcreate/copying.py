"""Ext filesystems in files, as directories: copied out, and what changed copied in, by debugfs.

Nothing is mounted. Unchanged files of an image are never touched, so they keep what a directory
cannot show: extended attributes, and links between files.
"""

import os
import stat
from pathlib import Path

from appliance.errors import CommandError
from appliance.host import command, trees
from imgcreate.errors import MountError, ResizeError, told_as

EXT = ("ext2", "ext3", "ext4")
LOST_AND_FOUND = "lost+found"
ECHO = ("debugfs", "Allocated inode")  # what debugfs says when all is well
KINDS = {stat.S_IFCHR: "c", stat.S_IFBLK: "b", stat.S_IFIFO: "p"}


def is_ext(image: str) -> bool:
    """Whether a file, or a device, holds an ext filesystem."""
    try:
        command.run(["dumpe2fs", "-h", image])
    except CommandError:
        return False
    return True


def make(
    image: str, size: int, *, fstype: str, blocksize: int, label: str, tree: Path | None = None
) -> None:
    """Make a filesystem of *size* bytes in *image*, with all that is in *tree*."""
    if fstype not in EXT:
        raise MountError(f"no {fstype} can be made without mounting: {', '.join(EXT)}")
    filled: list[str | Path] = ["-d", tree] if tree else []
    with told_as(MountError):
        command.run(
            [
                "mke2fs", "-q", "-F", "-t", fstype, "-L", label[:16], "-m", "1",
                "-b", str(blocksize), "-E", "root_owner=0:0", *filled,
                image, f"{size // 1024}k",
            ]
        )  # fmt: skip


def copy_out(image: str, directory: Path) -> None:
    """Write all files of *image* into the empty *directory*, with their owners and modes."""
    with told_as(MountError):
        said = command.run(["debugfs", "-R", f"rdump / {_quoted(str(directory))}", image])
        _check(said)
        found = directory / LOST_AND_FOUND
        if found.is_dir() and not any(found.iterdir()):
            found.rmdir()
        _set_modes(image, directory)


def _set_modes(image: str, directory: Path) -> None:
    """Give files the set-id bits that debugfs leaves out."""
    folders = [path for path, status in trees.walk(directory) if stat.S_ISDIR(status.st_mode)]
    orders = "".join(f"ls -p {_quoted('/' + path.removeprefix('.'))}\n" for path in folders)
    pending = iter(folders)
    folder = ""
    for line in command.run(["debugfs", "-f", "-", image], stdin=orders).splitlines():
        if line.startswith("debugfs: ls"):
            folder = next(pending)
        words = line.split("/")
        if len(words) > 6 and not words[0] and int(words[2], 8) & 0o7000:
            name = "/".join(words[5:-2])
            if name not in ("", ".", "..") and not stat.S_ISLNK(int(words[2], 8)):
                place = directory / folder / name
                if place.exists():
                    place.chmod(int(words[2], 8) & 0o7777)


def copy_in(image: str, directory: Path, before: trees.Snapshot) -> bool:
    """Change *image* where *directory* differs from *before*; returns whether anything did."""
    now = trees.look(directory)
    changes = trees.compare(before, now)
    changed = [path for path in changes.written if before.get(path) != now[path]]
    if not changed and not changes.removed:
        return False
    orders = [
        f"{'rmdir' if stat.S_ISDIR(before[path][1]) else 'rm'} {_quoted('/' + path)}"
        for path in sorted(changes.removed, reverse=True)
    ]
    gone = set(changes.removed)
    for path in changed:
        orders += _orders(directory, path, new=path not in before or path in gone)
    with told_as(MountError):
        _check(command.run(["debugfs", "-w", "-f", "-", image], stdin="\n".join(orders) + "\n"))
        check(image)
    return True


def _orders(directory: Path, path: str, *, new: bool) -> list[str]:
    """What debugfs has to do for one file that was written."""
    here, there = directory / path, _quoted("/" + path.removeprefix("."))
    status = here.lstat()
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        orders = [f"mkdir {there}"] if new else []
    elif kind == stat.S_IFSOCK:
        return []
    else:
        orders = [] if new else [f"rm {there}"]
        if kind == stat.S_IFLNK:
            orders.append(f"symlink {there} {_quoted(str(here.readlink()))}")
        elif kind == stat.S_IFREG:
            orders.append(f"write {_quoted(str(here))} {there}")
        else:
            major, minor = os.major(status.st_rdev), os.minor(status.st_rdev)
            numbers = "" if kind == stat.S_IFIFO else f" {major} {minor}"
            orders.append(f"mknod {there} {KINDS[kind]}{numbers}")
    sets = {
        "mode": f"0{status.st_mode:o}",
        "uid": str(status.st_uid),
        "gid": str(status.st_gid),
        "mtime": f"@{int(status.st_mtime)}",
    }
    return [*orders, *(f"sif {there} {name} {value}" for name, value in sets.items())]


def resize(image: str, size: int) -> None:
    """Make the filesystem *size* bytes; the file has to be as large."""
    with told_as(ResizeError):
        check(image)
        command.run(["resize2fs", image, f"{size // 1024}K"])


def shrink(image: str) -> int:
    """Make the filesystem as small as it can be; returns its size in bytes."""
    with told_as(ResizeError):
        check(image)
        command.run(["resize2fs", "-M", image])
        said = command.run(["dumpe2fs", "-h", image])
    facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    return int(facts["Block count"]) * int(facts["Block size"])


def check(image: str) -> None:
    """Have e2fsck look at all of it; raises CommandError if anything is wrong that it cannot mend.

    The status 1 means that it mended something.
    """
    try:
        command.run(["e2fsck", "-f", "-p", image])
    except CommandError as error:
        if "status 1" not in error.problem:
            raise


def _check(said: str) -> None:
    """Raise CommandError for the first complaint: debugfs ends well whatever happened."""
    for line in said.splitlines():
        if line.strip() and not line.startswith(ECHO):
            raise CommandError(f"debugfs: {line}")


def _quoted(path: str) -> str:
    if "\n" in path:
        raise MountError(f"a file's name has a line break: {path!r}")
    return '"' + path.replace('"', '""') + '"'
