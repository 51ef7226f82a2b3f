"""Swap space: a header and nothing in it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import MKFS, Partition, check_label
from appliance.filesystem_facts import FILESYSTEMS, SWAP
from appliance.units import KIB
from appliance.work import Work

FACTS = FILESYSTEMS[SWAP]


class Swap:
    """Made apart and copied in: mkswap before 2.39 knows no offset, and its header is 4 KiB."""

    tools: tuple[str, ...] = ("mkswap",)
    repeatable: bool = True
    copies_labels: bool = False
    options: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Its own programs, of every version in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """See Filesystem.make; *tree* is not looked at."""
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
