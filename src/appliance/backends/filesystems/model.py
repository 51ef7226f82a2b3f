"""What a filesystem is made from, and what the makers of several kinds have in common."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from appliance.errors import RecipeError, Where
from appliance.filesystem_facts import USUAL, FilesystemFacts
from appliance.units import MIB, align_up, show
from appliance.work import Work

MKFS, MACHINE = "mkfs", "machine"  # the ways to fill a filesystem; see Filesystem.way
ALONE = ("",)  # instead of the keys of an option: it takes no value
FULL = ("Could not allocate", "No space left", "no free space", "No free space", "Wrote only")


@dataclass(frozen=True)
class Partition:
    """Where a filesystem goes, and what it is to be.

    *start*: the byte of the file where it begins.
    *size*: the bytes that it may take.
    *uuid*: its UUID.
    *label*: its label, as `--label` says; empty for none.
    *options*: options of the program that makes it, as `--mkfsoptions` says.
    *mount_point*: where the system mounts it.
    *where*: the line of the kickstart that asks for it, for errors.
    *subvolumes*: the subvolumes of a btrfs, as paths below its top.
    *way*: how it is filled, as Filesystem.way() said: mkfs or machine.
    *mount_options*: the options with which the system mounts it.
    *labels*: the SELinux labels of files by their path in the image, for a filesystem that does not
        copy them from the files.
    """

    start: int
    size: int
    uuid: str
    label: str
    options: str
    mount_point: str
    where: Where
    subvolumes: tuple[str, ...] = ()
    way: str = MKFS
    mount_options: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


def version_number(said: str) -> tuple[int, ...]:
    """Return the numbers in what a program says of its version: (6, 1, 0) for "mkfs.xfs version
    6.1.0". If nothing in *said* looks like a version, it is (), which is older than all others.
    """
    found = re.search(r"\d+(?:\.\d+)+", said)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def options_checked(
    text: str, allowed: Mapping[str, tuple[str, ...]], where: Where
) -> tuple[str, ...]:
    """Split the text of `--mkfsoptions` into words. *allowed* maps each option to the keys that its
    value may have: () allows every value, ALONE is for an option that takes none.

    mkfs programs have options that read or write other files (mke2fs -d, -z), or that move the
    filesystem (-E offset=). A kickstart may come from a stranger, so only *allowed* options are
    passed on; RecipeError is raised for any other.
    """
    words = tuple(text.split())
    pending = list(words)
    while pending:
        option = pending.pop(0)
        keys = allowed.get(option)
        value = pending.pop(0) if pending and keys != ALONE else ""
        named = {part.partition("=")[0] for part in value.split(",")}
        wrong = keys is None or "/" in value or (keys and not named <= set(keys))
        if wrong or (keys != ALONE and not value):
            raise RecipeError(
                f"--mkfsoptions: '{' '.join((option, value)).strip()}' is not for an image",
                where=where,
                hint=" ".join(sorted(allowed)),
            )
    return words


def options_by_key(text: str) -> tuple[dict[tuple[str, str], str], set[str]]:
    """Take options like `-m crc=1,finobt=0 -K` apart: return the value for each key of each option
    ({("-m", "crc"): "1", ...}), and the options without a value ({"-K"}). *text* has to be one
    that options_checked() allows."""
    keyed: dict[tuple[str, str], str] = {}
    alone, option = set(), ""
    for word in text.split():
        if word.startswith("-"):
            alone.add(option := word)
            continue
        alone.discard(option)
        for part in word.split(","):
            key, _, value = part.partition("=")
            keyed[option, key] = value
    return keyed, alone


class Asked(Protocol):
    """What a kickstart asks of a filesystem: see Partition."""

    @property
    def label(self) -> str:
        """Its label, as --label says."""

    @property
    def size(self) -> int:
        """The bytes that it may take."""

    @property
    def mount_point(self) -> str:
        """Where the system mounts it."""

    @property
    def where(self) -> Where:
        """The line of the kickstart that asks for it."""


def check_label(partition: Asked, longest: int) -> None:
    """Raise RecipeError if the label has more than *longest* bytes."""
    if len(partition.label.encode()) > longest:
        kept = partition.label.encode()[:longest].decode(errors="ignore")
        raise RecipeError(
            f"--label={partition.label}: a label has at most {longest} bytes there",
            where=partition.where,
            hint=f"--label={kept}" if longest else "no --label",
        )


def check_size(partition: Asked, kind: FilesystemFacts) -> None:
    """Raise RecipeError if the partition is smaller than a filesystem of that *kind* may be."""
    if partition.size < kind.smallest:
        raise RecipeError(
            f"{partition.mount_point}: {kind.name} needs {show(kind.smallest)}, the partition has "
            f"{show(partition.size)}",
            where=partition.where,
            hint=f"--size={kind.smallest // MIB}, or --fstype={USUAL}",
        )


def placed(work: Work, partition: Partition, image: Path, *, disk: Path) -> None:
    """Move the file *image*, a whole filesystem that is as large as its content, to the
    partition's place in *disk*. Raises RecipeError if it is larger than the partition."""
    size = image.stat().st_size
    if size > partition.size:
        raise RecipeError(
            f"{partition.mount_point} is too small: its files take {show(size)} when packed, "
            f"the partition has {show(partition.size)}",
            where=partition.where,
            hint=f"on that line: --size={-(-size // MIB)}",
        )
    work.place(image, disk, partition.start)


def empty(work: Work) -> Path:
    """Return an empty directory, for a filesystem without files, whose time is that of the
    build."""
    made = work.scratch / "empty"
    made.mkdir(mode=0o755)
    os.utime(made, (work.clock, work.clock))
    return made


def everything(tree: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield *tree*, then every file below it, in a fixed order, each with its status. A file with
    several names (hard links) comes once, by the first of them."""
    seen = set()
    yield tree, tree.lstat()
    for directory, folders, files in os.walk(tree):
        folders.sort()
        for path in (Path(directory) / name for name in sorted((*folders, *files))):
            status = path.lstat()
            inode = (status.st_dev, status.st_ino)
            if inode not in seen:
                seen.add(inode)
                yield path, status


def too_small(partition: Partition, tree: Path, *, overhead: float, fixed: int = 0) -> RecipeError:
    """Return the error for a tree that does not fit into the partition, with the size that would
    do: *overhead* is the share of the files' size that the filesystem needs for itself, *fixed*
    the bytes that it needs in any case."""
    needs = int(size_of(tree) * (1 + overhead)) + fixed
    return RecipeError(
        f"{partition.mount_point} is too small: its files need about {show(needs)}, "
        f"the partition has {show(partition.size)}",
        where=partition.where,
        hint=f"on that line: --size={needs * 5 // 4 // (1 << 20) + 1}",
    )


def size_of(tree: Path, block: int = 4096) -> int:
    """About how many bytes the files below *tree* take on a filesystem whose blocks have *block*
    bytes."""
    total, seen = 0, set()
    for directory, _, files in os.walk(tree):
        total += block
        for name in files:
            status = (Path(directory) / name).lstat()
            if status.st_ino not in seen:
                seen.add(status.st_ino)
                total += align_up(status.st_size, block)
    return total
