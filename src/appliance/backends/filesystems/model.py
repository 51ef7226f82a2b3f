"""Where a filesystem goes."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import RecipeError, Where
from appliance.units import align_up, show

MKFS, MACHINE = "mkfs", "machine"  # the ways to fill a filesystem; see Filesystem.way


@dataclass(frozen=True)
class Partition:
    """Where a filesystem goes and what it is called. *start* and *size* are bytes.

    *subvolumes* are paths below its mount point that are subvolumes of a btrfs; *way* is one that
    Filesystem.way() said.
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


def version_number(said: str) -> tuple[int, ...]:
    """The numbers in what a program says of its version: "mkfs.xfs version 6.1.0" is (6, 1, 0).

    Nothing that looks like a version is the oldest of all: ().
    """
    found = re.search(r"\d+(?:\.\d+)+", said)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def options_checked(
    text: str, allowed: Mapping[str, tuple[str, ...]], where: Where
) -> tuple[str, ...]:
    """Split `--mkfsoptions`; *allowed* maps each option to the keys its value may have (none: any).

    mkfs programs have options that read or write other files (mke2fs -d, -z), or that move the
    filesystem (-E offset=): a kickstart is a stranger's, so only known ones are passed on.

    Raises RecipeError for any other.
    """
    words = tuple(text.split())
    for option, value in zip(words[::2], (*words[1::2], "")[: len(words[::2])], strict=True):
        keys = allowed.get(option)
        named = {part.partition("=")[0] for part in value.split(",")}
        if keys is None or not value or "/" in value or (keys and not named <= set(keys)):
            raise RecipeError(
                f"--mkfsoptions: '{' '.join((option, value)).strip()}' is not for an image",
                where=where,
                hint=" ".join(sorted(allowed)),
            )
    return words


def too_small(partition: Partition, tree: Path, *, overhead: float) -> RecipeError:
    """The error for a tree that does not fit; *overhead* is the filesystem's own share."""
    needs = int(size_of(tree) * (1 + overhead))
    return RecipeError(
        f"{partition.mount_point} is too small: its files need about {show(needs)}, "
        f"the partition has {show(partition.size)}",
        where=partition.where,
        hint=f"part {partition.mount_point} --size={needs * 5 // 4 // (1 << 20) + 1}",
    )


def size_of(tree: Path, block: int = 4096) -> int:
    """Bytes that the files below *tree* take on a filesystem with *block*-byte blocks."""
    total, seen = 0, set()
    for directory, _, files in os.walk(tree):
        total += block
        for name in files:
            status = (Path(directory) / name).lstat()
            if status.st_ino not in seen:
                seen.add(status.st_ino)
                total += align_up(status.st_size, block)
    return total
