"""ext2, ext3 and ext4, filled by mke2fs itself, so no mount and no root is needed."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.filesystems.ext_names import Names
from appliance.backends.filesystems.model import (
    ALONE,
    FULL,
    MKFS,
    Partition,
    check_label,
    everything,
    too_small,
)
from appliance.errors import CommandError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.units import KIB
from appliance.work import Work

# The features that every kernel and GRUB in use can read, named so that the host's own
# mke2fs.conf has no say. Not orphan_file, metadata_csum_seed: GRUB 2.06 cannot read those.
EXT2 = "none,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file"
EXT3 = f"{EXT2},has_journal"
EXT4 = (
    "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,"
    "large_file,huge_file,dir_nlink,extra_isize,metadata_csum"
)
OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("-b", "-C", "-g", "-G", "-i", "-I", "-m", "-N", "-O", "-o", "-T"), ()),
    **dict.fromkeys(("-F", "-j", "-v"), ALONE),
    "-E": ("resize", "stride", "stripe_width", "packed_meta_blocks", "num_backup_sb"),
    "-J": ("size", "fast_commit_size"),
}
RESERVED_INODES = 10
SELINUX, LOST_AND_FOUND = "security.selinux", "lost+found"


@dataclass(frozen=True)
class Ext:
    """ext2, ext3 or ext4, for / and /boot.

    *kind*: which of the three it is.
    *features*: the features that mke2fs is told to give it.
    *tools*: the programs that make it.
    *repeatable*: whether the same tree gives the same bytes.
    *copies_labels*: whether SELinux labels are copied from the files of the tree.
    """

    kind: str
    features: str
    tools: tuple[str, ...] = ("mke2fs", "debugfs")
    repeatable: bool = True
    copies_labels: bool = False  # debugfs writes them: this host's own policy has no say

    @property
    def options(self) -> Mapping[str, tuple[str, ...]]:
        """The options of mke2fs that `--mkfsoptions` may name, for all three kinds."""
        return OPTIONS

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs: mke2fs fills it, in every version that is in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write the filesystem with the files of *tree* to the partition's place in *disk*. The
        same tree gives the same bytes: nothing in it is random.

        It has a mke2fs.conf of its own, so that the host's decides nothing (mke2fs.conf(5)). Raises
        RecipeError if the files do not fit or the label is too long, CommandError if a tool fails.
        """
        check_label(partition, FILESYSTEMS[self.kind].label)
        settings = work.scratch / "mke2fs.conf"
        settings.write_text(
            "[defaults]\n\tblocksize = 4096\n\tinode_size = 256\n\tinode_ratio = 16384\n"
            "\treserved_ratio = 5.0\n\tenable_periodic_fsck = 0\n\thash_alg = half_md4\n"
            f"[fs_types]\n\t{self.kind} = {{\n\t}}\n"
        )
        extended = f"hash_seed={partition.uuid},offset={partition.start},nodiscard,root_owner=0:0"
        words = [
            "mke2fs", "-q", "-F", "-t", self.kind, "-O", self.features, "-U", partition.uuid,
            "-E", f"{extended},lazy_itable_init=0", *partition.options.split(),
        ]  # fmt: skip
        words += ["-L", partition.label] if partition.label else []
        words += ["-d", str(tree)] if tree else []
        words += [str(disk), f"{partition.size // KIB}k"]
        env = {"MKE2FS_CONFIG": str(settings), "E2FSPROGS_FAKE_TIME": str(work.clock)}
        try:
            work.run(words, env=env)
        except CommandError as error:
            if tree and any(word in line for word in FULL for line in error.tail):
                raise too_small(partition, tree, overhead=0.12) from error
            raise
        filesystem = f"{disk}?offset={partition.start}"
        names = Names(work, filesystem)
        more = list(_completed(tree, names)) if tree else []
        more += _labelled(work, partition, tree, names) if tree else []
        self._complete(work, filesystem, more)

    def _complete(self, work: Work, filesystem: str, more: Sequence[str]) -> None:
        """Run *more*, lines for debugfs; then set the ctime and atime of every inode to the moment
        of the build.

        mke2fs before 1.47.1 copies these times from the tree, where nobody can set a ctime. No
        mke2fs copies the time, owner and mode of the root directory, and older ones copy no
        fractions of seconds.
        """
        env = {"E2FSPROGS_FAKE_TIME": str(work.clock)}
        said = work.run(["debugfs", "-R", "show_super_stats -h", filesystem], env=env)
        count, free = (int(_number(name, said)) for name in ("Inode count", "Free inodes"))
        fields = ("ctime", "atime")
        lines = list(more)
        lines += [
            f"sif <{inode}> {field} @{work.clock}\nsif <{inode}> {field}_extra 0"
            for inode in range(1, count - free + RESERVED_INODES + 2)
            for field in fields
            if inode == 2 or inode > RESERVED_INODES
        ]
        script = work.scratch / "times"
        script.write_text("\n".join(lines) + "\n")
        quietly = 'exec debugfs -w -f "$0" "$1" > /dev/null'  # it repeats every line
        work.run(["sh", "-c", quietly, script, filesystem], env=env)


def _completed(tree: Path, names: Names) -> Iterator[str]:
    """Yield lines for debugfs that set what mke2fs does not copy: the owner, mode and time of the
    root, and fractions of seconds."""
    root = tree.stat()
    yield f"sif / mode 0{root.st_mode:o}"
    for field, number in (("uid", root.st_uid), ("gid", root.st_gid)):
        yield f"sif / {field} {number}"
    for path, status in everything(tree):
        seconds, rest = divmod(status.st_mtime_ns, 10**9)
        name = f"/{path.relative_to(tree)}" if path != tree else "/"
        if (rest or path == tree) and (word := names.word(name)):
            low = (seconds + 2**31) % 2**32 - 2**31
            yield f"sif {word} mtime {low % 2**32:#x}"  # ext4.h, EXT4_INODE_SET_XTIME
            yield f"sif {word} mtime_extra {rest << 2 | (seconds - low) >> 32 & 3:#x}"


def _labelled(work: Work, partition: Partition, tree: Path, names: Names) -> Iterator[str]:
    """Yield lines for debugfs that give files their SELinux labels, which end in a zero byte."""
    if not partition.labels:
        return
    values: dict[str, Path] = {}
    labels = {name: label for name, label in _labels(partition, tree).items() if label}
    for name, label in labels.items():
        word = names.word(name)
        if not word:
            continue
        if label not in values:
            values[label] = work.scratch / f"label-{len(values)}"
            values[label].write_bytes(label.encode() + b"\0")
        yield f"ea_set -f {values[label]} {word} {SELINUX}"


def _labels(partition: Partition, tree: Path) -> dict[str, str]:
    """The SELinux label of each file, by one path in the filesystem. Of a file with several names
    (hard links), the table of labels may have any one."""
    top = Path(partition.mount_point)
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for directory, folders, files in os.walk(tree):
        inner = Path(directory).relative_to(tree)
        for name in ("", *folders, *files) if inner == Path() else (*folders, *files):
            path = inner / name
            label = partition.labels.get(str(top / path), "")
            status = (tree / path).lstat()
            inode = (status.st_dev, status.st_ino)
            if label or inode not in found:
                found[inode] = (f"/{path}" if name else "/", label)
    lost = _of_lost_files(partition.labels.get("/", ""))
    return {**dict(sorted(found.values())), f"/{LOST_AND_FOUND}": lost}


def _of_lost_files(root: str) -> str:
    """The SELinux label of lost+found: that of the root directory, *root*, with the type
    lost_found_t; empty if the root has none."""
    user, role, _, *rest = root.split(":") if root.count(":") >= 2 else ("", "", "")
    return ":".join((user, role, "lost_found_t", *rest)) if user else ""


def _number(name: str, text: str) -> str:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    if not found:
        raise ValueError(f"debugfs said no '{name}'")
    return found.group(1)
