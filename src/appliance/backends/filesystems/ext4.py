"""ext4, filled by mke2fs itself, so no mount and no root is needed."""

import re
from collections.abc import Mapping
from pathlib import Path

from appliance.backends.filesystems.model import FULL, MKFS, Partition, too_small
from appliance.errors import CommandError
from appliance.units import KIB
from appliance.work import Work

# The features that every kernel and GRUB in use can read, named so that the host's own
# mke2fs.conf has no say. Not orphan_file, metadata_csum_seed: GRUB 2.06 cannot read those.
FEATURES = (
    "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,"
    "large_file,huge_file,dir_nlink,extra_isize,metadata_csum"
)
OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("-b", "-C", "-g", "-G", "-i", "-I", "-m", "-N", "-O", "-o", "-T"), ()),
    "-E": ("resize", "stride", "stripe_width", "packed_meta_blocks", "num_backup_sb"),
    "-J": ("size", "fast_commit_size"),
}
RESERVED_INODES = 10


class Ext4:
    """The usual choice for / and /boot."""

    tools: tuple[str, ...] = ("mke2fs", "debugfs")
    options: Mapping[str, tuple[str, ...]] = OPTIONS

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Its own programs, of every version in use."""
        return MKFS

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """See Filesystem.make. The same tree gives the same bytes: nothing in it is drawn.

        An own mke2fs.conf keeps the host's from deciding anything (mke2fs.conf(5)).
        """
        settings = work.scratch / "mke2fs.conf"
        settings.write_text(
            "[defaults]\n\tblocksize = 4096\n\tinode_size = 256\n\tinode_ratio = 16384\n"
            "\treserved_ratio = 5.0\n\tenable_periodic_fsck = 0\n\thash_alg = half_md4\n"
            "[fs_types]\n\text4 = {\n\t}\n"
        )
        extended = f"hash_seed={partition.uuid},offset={partition.start},nodiscard,root_owner=0:0"
        words = [
            "mke2fs", "-q", "-F", "-t", "ext4", "-O", FEATURES, "-U", partition.uuid,
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
        self._set_times(work, f"{disk}?offset={partition.start}")

    def _set_times(self, work: Work, filesystem: str) -> None:
        """Give every inode the build's moment as its ctime and atime.

        mke2fs before 1.47.1 copies them from the tree, where nobody can set a ctime.
        """
        env = {"E2FSPROGS_FAKE_TIME": str(work.clock)}
        said = work.run(["debugfs", "-R", "show_super_stats -h", filesystem], env=env)
        count, free = (int(_number(name, said)) for name in ("Inode count", "Free inodes"))
        fields = ("ctime", "atime")
        lines = [
            f"sif <{inode}> {field} @{work.clock}\nsif <{inode}> {field}_extra 0"
            for inode in range(1, count - free + RESERVED_INODES + 2)
            for field in fields
            if inode == 2 or inode > RESERVED_INODES
        ]
        script = work.scratch / "times"
        script.write_text("\n".join(lines) + "\n")
        quietly = 'exec debugfs -w -f "$0" "$1" > /dev/null'  # it repeats every line
        work.run(["sh", "-c", quietly, script, filesystem], env=env)


def _number(name: str, text: str) -> str:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    if not found:
        raise ValueError(f"debugfs said no '{name}'")
    return found.group(1)
