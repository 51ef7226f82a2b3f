"""Filesystems a partition may hold. To add one: write its file, add it to KNOWN."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from appliance.backends.filesystems.btrfs import Btrfs
from appliance.backends.filesystems.erofs import Erofs
from appliance.backends.filesystems.ext import EXT2, EXT3, EXT4, Ext
from appliance.backends.filesystems.model import Partition
from appliance.backends.filesystems.squashfs import Squashfs
from appliance.backends.filesystems.swap import Swap
from appliance.backends.filesystems.vfat import Vfat
from appliance.backends.filesystems.xfs import Xfs
from appliance.errors import RecipeError, Where
from appliance.work import Work


class Filesystem(Protocol):
    """How to make one kind of filesystem inside a disk image, without mounting anything."""

    @property
    def copies_labels(self) -> bool:
        """Whether it takes SELinux labels from the files, where the host allows to write them."""

    @property
    def repeatable(self) -> bool:
        """Whether its programs make the same bytes of the same tree, on whatever machine."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that make it."""

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """Those that `--mkfsoptions` may name; see options_checked()."""

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """How make() has to fill it, for Partition.way: "mkfs" if the programs keep all that files
        have (owners, modes, times, links, extended attributes, device nodes), "machine" if a
        kernel has to. *versions* is what each of *tools* says of its version.
        """

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write the filesystem, holding a copy of *tree*, at its place in the file *disk*, in the
        partition's way.

        Raises RecipeError if the tree does not fit, CommandError if a tool refuses.
        """


KNOWN: dict[str, Filesystem] = {
    "ext2": Ext("ext2", EXT2),
    "ext3": Ext("ext3", EXT3),
    "ext4": Ext("ext4", EXT4),
    "xfs": Xfs(),
    "btrfs": Btrfs(),
    "squashfs": Squashfs(),
    "erofs": Erofs(),
    "vfat": Vfat(),
    "efi": Vfat(),
    "swap": Swap(),
}


def find(name: str, where: Where | None = None) -> Filesystem:
    """Return the filesystem called *name*, or tell the author which ones exist."""
    if name not in KNOWN:
        raise RecipeError(f"unknown filesystem '{name}'", hint=", ".join(KNOWN), where=where)
    return KNOWN[name]
