"""squashfs: a compressed, read-only filesystem, made by mksquashfs.

It keeps owners, modes, hard links, holes, device nodes, times in whole seconds, and the extended
attributes whose names start with user., security. and trusted.; it has no ACLs, UUID or label.

Facts: mksquashfs(1); Documentation/filesystems/squashfs.rst of Linux.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import (
    ALONE,
    MKFS,
    Partition,
    check_label,
    empty,
    everything,
    placed,
)
from appliance.errors import RecipeError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.work import Work

FACTS = FILESYSTEMS["squashfs"]
# Kernels read it since 4.14, mksquashfs writes it since 4.4. The level that it takes by itself, 15,
# needs seven times the CPU of this one and saves five percent.
COMPRESSOR = ("-comp", "zstd", "-Xcompression-level", "9")
ACLS = ("system.posix_acl_access", "system.posix_acl_default")
OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("-comp", "-b", "-Xcompression-level", "-Xdict-size", "-Xbcj"), ()),
    **dict.fromkeys(("-no-fragments", "-always-use-fragments", "-no-duplicates", "-no-tailends",
                     "-Xhc", "-noI", "-noD", "-noF", "-noX"), ALONE),
}  # fmt: skip


class Squashfs:
    """squashfs, the oldest read-only filesystem in use, and the one that compresses best."""

    tools: tuple[str, ...] = ("mksquashfs",)
    repeatable: bool = True
    copies_labels: bool = True
    options: Mapping[str, tuple[str, ...]] = MappingProxyType(OPTIONS)

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs: mksquashfs fills it, in every version that is in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write a squashfs with the files of *tree* to the partition's place in *disk*. The same
        tree gives the same bytes, on any number of cores.

        It is made in a scratch file, then moved to its place, since its size is known only then.
        Raises RecipeError if it is larger than the partition, and for a label or ACLs, which it
        cannot hold, CommandError if mksquashfs fails.
        """
        check_label(partition, FACTS.label)
        source = tree or empty(work)
        _refuse_acls(partition, source)
        image = work.scratch / "squashfs"
        own = partition.options.split()
        words = ["-noappend", "-no-progress", "-quiet", "-processors", str(work.cores)]
        words += [] if "-comp" in own else COMPRESSOR
        # its own time, and no file's is later; -mkfs-time may not be said beside it
        env = {"SOURCE_DATE_EPOCH": str(work.clock)}
        work.run(["mksquashfs", source, image, *words, *own], env=env)
        placed(work, partition, image, disk=disk)


def _refuse_acls(partition: Partition, tree: Path) -> None:
    for path, _ in everything(tree):
        if not path.is_symlink() and not set(os.listxattr(path)).isdisjoint(ACLS):
            raise RecipeError(
                f"{partition.mount_point} is {FACTS.name}, which has no ACLs: "
                f"/{path.relative_to(tree)} has one",
                where=partition.where,
                hint="--fstype=erofs, or setfacl -b on that file in %post",
            )
