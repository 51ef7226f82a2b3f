"""The filesystems that a partition may hold. To add one: write its file, add it to KNOWN."""

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
    """How to make one kind of filesystem inside a file, without mounting anything on this host."""

    @property
    def copies_labels(self) -> bool:
        """Whether SELinux labels get into it from the files of the tree, where the host allows
        such labels to be written."""

    @property
    def repeatable(self) -> bool:
        """Whether its programs make the same bytes of the same tree on every machine; a kernel
        never does."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that make it, whose versions count for the bytes."""

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """The options that `--mkfsoptions` may name, each with the keys that its value may have,
        as model.options_checked() takes them."""

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """How make() has to fill the filesystem, for Partition.way: "mkfs" if the programs keep
        all that files have (owners, modes, times, links, extended attributes, device nodes),
        "machine" if a kernel has to fill it. *versions* has what each of *tools* says of its
        version; *subvolumes*: the filesystem is to have some.
        """

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write the filesystem, with a copy of the files in *tree* (None: without any), to the
        *partition*'s place in the file *disk*, in the way that *partition*.way says.

        Raises RecipeError if the files do not fit, or if the filesystem cannot hold such files or
        such a label, CommandError if a tool fails.
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
    """Return the filesystem called *name*; raise RecipeError, which names the line *where*, if
    there is none."""
    if name not in KNOWN:
        raise RecipeError(f"unknown filesystem '{name}'", hint=", ".join(KNOWN), where=where)
    return KNOWN[name]
