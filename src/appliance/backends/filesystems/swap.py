"""Swap space: a header of 4 KiB, and nothing else."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import MKFS, Partition, check_label
from appliance.filesystem_facts import FILESYSTEMS, SWAP
from appliance.units import KIB
from appliance.work import Work

FACTS = FILESYSTEMS[SWAP]


class Swap:
    """Swap space, made in a scratch file and copied to its place, since mkswap before 2.39 cannot
    write to a place inside a file."""

    tools: tuple[str, ...] = ("mkswap",)
    repeatable: bool = True
    copies_labels: bool = False
    options: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs: mkswap makes it, in every version that is in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write the header of a swap space to the partition's place in *disk*; *tree* is ignored.

        Raises RecipeError if the label is too long, CommandError if mkswap fails.
        """
        check_label(partition, FACTS.label)
        image = work.scratch / "swap"
        with image.open("wb") as file:
            file.truncate(partition.size)
        label = ["--label", partition.label] if partition.label else []
        work.run(["mkswap", "--quiet", "--uuid", partition.uuid, *label, image])
        with image.open("rb") as header, disk.open("r+b") as file:
            file.seek(partition.start)
            file.write(header.read(4 * KIB))
        image.unlink()
