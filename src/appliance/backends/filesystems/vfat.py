"""FAT, filled by mtools, so no mount and no root is needed."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import ALONE, MKFS, Partition, check_label, too_small
from appliance.errors import CommandError, RecipeError
from appliance.filesystem_facts import EFI, FILESYSTEMS
from appliance.layout.identity import fat_id
from appliance.units import KIB, MIB, SECTOR
from appliance.work import Work

# From which size on: bits of a cluster's number, and sectors a cluster, so that there are as many
# as firmware expects: 65,525 or more with FAT32, 4,085 or more with FAT16 (fatgen103).
SHAPES = ((36 * MIB, "32", "1"), (16 * MIB, "16", "2"), (3 * MIB, "16", "1"), (0, "12", "1"))
FACTS = FILESYSTEMS[EFI]
FORBIDDEN = frozenset('"*/:<>?\\|')
OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("-F", "-s", "-f", "-r", "-R", "-S"), ()),
    **dict.fromkeys(("-I", "-a", "-v"), ALONE),
}


class Vfat:
    """FAT, which every UEFI firmware can read: for the EFI system partition."""

    tools: tuple[str, ...] = ("mkfs.vfat", "mcopy")
    repeatable: bool = True
    copies_labels: bool = False
    options: Mapping[str, tuple[str, ...]] = MappingProxyType(OPTIONS)

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs: mtools fill it, in every version that is in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write a FAT with the files of *tree* to the partition's place in *disk*. Its volume id is
        the first 32 bits of the UUID.

        Raises RecipeError if the files do not fit, if the label is too long, or for links and names
        that FAT cannot hold, CommandError if a tool fails.
        """
        check_label(partition, FACTS.label)
        options = partition.options.split()
        words = [
            "mkfs.vfat", "--invariant", "-I", *([] if "-F" in options else shape(partition.size)),
            f"--offset={partition.start // SECTOR}", "-i", fat_id(partition.uuid).replace("-", ""),
            "-n", partition.label or "NO NAME", *options,
        ]  # fmt: skip
        work.run([*words, disk, str(partition.size // KIB)])
        if tree:
            _refuse_others(partition, tree)
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


def shape(size: int) -> tuple[str, ...]:
    """Return the options of mkfs.vfat that choose the kind of FAT for *size* bytes."""
    _, bits, sectors = next(one for one in SHAPES if size >= one[0])
    return ("-F", bits, "-s", sectors)


def _refuse_others(partition: Partition, tree: Path) -> None:
    """Raise RecipeError for files that FAT cannot hold: links, which mcopy would follow, even out
    of the tree; names that differ in case only, of which mcopy would keep the last; and names with
    characters that mcopy would change."""
    for directory, folders, files in os.walk(tree):
        seen: set[str] = set()
        for path in (Path(directory) / name for name in (*folders, *files)):
            problem, hint, end = "", "another name", ""
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                problem, end = "which holds files only", " is none"
                hint = "copy the file instead of linking it"
            elif path.name.lower() in seen:
                problem = "where names do not differ in case only"
            elif FORBIDDEN & set(path.name):
                problem = "which has no such names"
            if problem:
                raise RecipeError(
                    f"{partition.mount_point} is FAT, {problem}: /{path.relative_to(tree)}{end}",
                    where=partition.where,
                    hint=hint,
                )
            seen.add(path.name.lower())
