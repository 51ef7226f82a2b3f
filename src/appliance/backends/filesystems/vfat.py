"""FAT32, filled by mtools, so no mount and no root is needed."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import MKFS, Partition, too_small
from appliance.errors import CommandError, RecipeError
from appliance.layout.identity import fat_id
from appliance.units import KIB, SECTOR
from appliance.work import Work


class Vfat:
    """What firmware can read: the EFI system partition."""

    tools: tuple[str, ...] = ("mkfs.vfat", "mcopy")
    options: Mapping[str, tuple[str, ...]] = MappingProxyType({"-s": (), "-f": (), "-r": ()})

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Its own programs, of every version in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """See Filesystem.make. FAT keeps the first 32 bits of the UUID as its volume id.

        One sector a cluster, so that 64 MiB are enough for FAT32's 65,525 clusters.
        """
        words = [
            "mkfs.vfat", "--invariant", "-I", "-F", "32", "-s", "1",
            f"--offset={partition.start // SECTOR}", "-i", fat_id(partition.uuid).replace("-", ""),
            "-n", partition.label or "NO NAME", *partition.options.split(),
        ]  # fmt: skip
        work.run([*words, disk, str(partition.size // KIB)])
        if tree:
            _refuse_links(partition, tree)
        entries = sorted(tree.iterdir()) if tree else []
        env = {"MTOOLS_SKIP_CHECK": "1"}
        try:
            for entry in entries:
                target = f"{disk}@@{partition.start}"
                work.run(["mcopy", "-s", "-Q", "-m", "-o", "-i", target, entry, "::/"], env=env)
        except CommandError as error:
            if tree and any("full" in line.lower() for line in error.tail):
                raise too_small(partition, tree, overhead=0.02) from error
            raise


def _refuse_links(partition: Partition, tree: Path) -> None:
    """FAT keeps no links, and mcopy would follow them, out of the tree even."""
    for directory, folders, files in os.walk(tree):
        for path in (Path(directory) / name for name in (*folders, *files)):
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise RecipeError(
                    f"{partition.mount_point} is FAT, which holds files only: "
                    f"/{path.relative_to(tree)} is none",
                    where=partition.where,
                    hint="copy the file instead of linking it",
                )
