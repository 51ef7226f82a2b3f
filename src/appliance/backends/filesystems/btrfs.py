"""btrfs, filled by mkfs.btrfs itself where it is new enough, else by a kernel in a machine.

mkfs.btrfs has long taken the files of a directory (mkfs.btrfs(8), --rootdir), but does all that is
needed only since 6.14: hard links since 6.12, subvolumes since 6.13, compression since 6.14. It
draws the UUID of every subvolume and writes the time of day, so no two runs give the same bytes.
"""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.backends.filesystems.in_machine import Filling, fill
from appliance.backends.filesystems.model import (
    ALONE,
    FULL,
    MACHINE,
    MKFS,
    Partition,
    check_label,
    check_size,
    too_small,
    version_number,
)
from appliance.errors import CommandError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.work import Work

TAKES_ALL = (6, 14)
FACTS = FILESYSTEMS["btrfs"]
OVERHEAD = 0.15
# What every kernel with btrfs in a distribution of today, and GRUB since 2.04, can read.
FEATURES = "no-holes,free-space-tree,^block-group-tree"
OPTIONS: dict[str, tuple[str, ...]] = {
    "-d": (), "-m": (), "-M": ALONE, "-n": (), "-s": (), "-O": (), "-K": ALONE, "-f": ALONE,
    "--csum": (),
}  # fmt: skip
COMPRESSED = re.compile(r"compress(?:-force)?(?:=((?:zstd|zlib)(?::[0-9]+)?|lzo))?")
USUAL = "zlib"  # what compress alone means, btrfs(5)


class Btrfs:
    """btrfs, with subvolumes and checksums: the usual choice of Fedora Workstation and openSUSE."""

    tools: tuple[str, ...] = ("mkfs.btrfs", "btrfs")
    repeatable: bool = False  # it draws identities of subvolumes
    copies_labels: bool = True
    options: Mapping[str, tuple[str, ...]] = MappingProxyType(OPTIONS)

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs if mkfs.btrfs is 6.14 or newer, else machine."""
        number = version_number(versions.get("mkfs.btrfs", ""))
        return MKFS if number >= TAKES_ALL else MACHINE

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write a btrfs with the files of *tree* to the partition's place in *disk*. The files are
        compressed as the partition's mount options say.

        Raises RecipeError if the files do not fit, the partition is too small for any btrfs or the
        label is too long, CommandError if a tool fails.
        """
        check_size(partition, FACTS)
        check_label(partition, FACTS.label)
        words = ["mkfs.btrfs", "-q", "-f", "-U", partition.uuid, *_chosen(partition)]
        words += ["-L", partition.label] if partition.label else []
        if tree and partition.way == MACHINE:
            _in_machine(work, partition, words, disk=disk, tree=tree)
            return
        image = work.scratch / "btrfs"
        with image.open("wb") as file:
            file.truncate(partition.size)
        if tree:
            compression = compression_of(partition.mount_options)
            words += ["-O", FEATURES, "--rootdir", str(tree)]
            words += [word for name in partition.subvolumes for word in ("--subvol", f"rw:{name}")]
            words += ["--compress", compression] if compression else []
        try:
            work.run([*words, image])
        except CommandError as error:
            if tree and any(word in line for word in FULL for line in error.tail):
                raise too_small(partition, tree, overhead=OVERHEAD) from error
            raise
        work.place(image, disk, partition.start)


def compression_of(mount_options: str) -> str:
    """Return how *mount_options* have files compressed, as an argument for mkfs.btrfs; empty if
    they do not."""
    found = [COMPRESSED.fullmatch(word) for word in mount_options.split(",")]
    return next((match[1] or USUAL for match in found if match), "")


def _chosen(partition: Partition) -> list[str]:
    """The author's own options, but for -f, which we give ourselves, and -K, which has no meaning
    for a file."""
    return [word for word in partition.options.split() if word not in ("-f", "-K")]


def _in_machine(
    work: Work, partition: Partition, words: list[str], *, disk: Path, tree: Path
) -> None:
    work.note(
        f"{partition.mount_point} is filled in a machine, which takes a while: mkfs.btrfs before "
        "6.14 cannot do it; --tools auto brings one that can"
    )
    prepare = [
        f"mkdir -p /mnt/{shlex.quote(name.rpartition('/')[0])}\n"
        f"btrfs subvolume create /mnt/{shlex.quote(name)}"
        for name in partition.subvolumes
    ]
    compression = compression_of(partition.mount_options)
    how = Filling(
        kind="btrfs",
        make=shlex.join(words),
        programs=("mkfs.btrfs", "btrfs"),
        options=f"-o compress-force={compression}" if compression else "",
        prepare="\n".join(prepare),
        overhead=OVERHEAD,
    )
    fill(work, partition, how, disk=disk, tree=tree)
