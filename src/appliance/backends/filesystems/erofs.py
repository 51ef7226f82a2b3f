"""EROFS: a compressed, read-only filesystem that is quick to read, made by mkfs.erofs.

It keeps owners, modes, hard links, device nodes, ACLs and extended attributes, and times to the
nanosecond, but none later than the moment of the build.

Facts: mkfs.erofs(1); Documentation/filesystems/erofs.rst of Linux.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.model import (
    MKFS,
    Partition,
    check_label,
    empty,
    placed,
    version_number,
)
from appliance.errors import RecipeError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.work import Work

FACTS = FILESYSTEMS["erofs"]
COMPRESSION = ("-z", "lz4hc")  # which every kernel with EROFS reads since 5.4
TAKES_LABEL = (1, 7)  # the first mkfs.erofs that does
OPTIONS: dict[str, tuple[str, ...]] = {
    "-z": (),
    "-C": (),
    "-E": ("all-fragments", "dedupe", "fragments", "ztailpacking", "force-inode-compact",
           "force-inode-extended", "noinline_data", "^inline_data"),
}  # fmt: skip


class Erofs:
    """EROFS, which Android and containers use for roots that nobody writes to."""

    # dump.erofs, of the same package, says the version: mkfs.erofs before 1.6 says none
    tools: tuple[str, ...] = ("mkfs.erofs", "dump.erofs")
    repeatable: bool = True
    copies_labels: bool = True
    options: Mapping[str, tuple[str, ...]] = MappingProxyType(OPTIONS)

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs: mkfs.erofs fills it, in every version that is in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write an EROFS with the files of *tree* to the partition's place in *disk*. The same tree
        gives the same bytes.

        It is made in a scratch file, then moved to its place, since its size is known only then.
        Raises RecipeError if it is larger than the partition, or if the label is too long or
        mkfs.erofs too old for one, CommandError if mkfs.erofs fails.
        """
        check_label(partition, FACTS.label)
        image = work.scratch / "erofs"
        own = partition.options.split()
        words = ["mkfs.erofs", "--quiet", "-U", partition.uuid]
        words += [
            "-T",
            str(work.clock),
            "--preserve-mtime",
        ]  # in this order: -T alone sets them all
        words += [] if "-z" in own else COMPRESSION
        words += ["-L", _label(work, partition)] if partition.label else []
        work.run([*words, *own, image, tree or empty(work)])
        placed(work, partition, image, disk=disk)


def _label(work: Work, partition: Partition) -> str:
    if version_number(work.run(["dump.erofs", "-V"])) < TAKES_LABEL:
        raise RecipeError(
            f"--label={partition.label}: mkfs.erofs before 1.7 writes no labels",
            where=partition.where,
            hint="no --label, or --tools auto, which brings a newer one",
        )
    return partition.label
