"""xfs, filled by mkfs.xfs itself where it is new enough, else by a kernel in a machine.

mkfs.xfs takes the files of a directory since 6.17 (mkfs.xfs(8), -p). It keeps owners, modes, times,
hard links, holes, extended attributes and fifos. It does not keep the root directory's own time,
and stores ACLs where no kernel looks for them: both are written here. Device nodes it cannot copy,
since it tries to open them.
"""

import os
import re
import stat
import struct
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
    everything,
    options_by_key,
    too_small,
    version_number,
)
from appliance.errors import CommandError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.units import MIB
from appliance.work import Work

TAKES_DIRECTORY = (6, 17)  # the first mkfs.xfs that does
FACTS = FILESYSTEMS["xfs"]
# What every kernel since 4.18 and every GRUB since 2.02 can read, named so that the host's
# mkfs.xfs has no say, with the version that first knew the word. Times end in 2038 without
# bigtime, which GRUB before 2.06 cannot read: `--mkfsoptions="-m bigtime=1"` is the author's.
SETTINGS: tuple[tuple[str, str, str, tuple[int, ...]], ...] = (
    ("-b", "size", "4096", ()),
    ("-s", "size", "512", ()),
    ("-m", "crc", "1", ()),
    ("-m", "finobt", "1", ()),
    ("-m", "rmapbt", "0", ()),
    ("-m", "reflink", "1", ()),
    ("-m", "bigtime", "0", (5, 10)),
    ("-m", "inobtcount", "0", (5, 10)),
    ("-m", "metadir", "0", (6, 13)),
    ("-i", "sparse", "1", ()),
    ("-i", "nrext64", "0", (5, 19)),
    ("-i", "exchange", "0", (6, 10)),
    ("-n", "parent", "0", (6, 10)),
    ("-d", "concurrency", "0", TAKES_DIRECTORY),  # how many processors there are does not count
    ("-l", "concurrency", "0", TAKES_DIRECTORY),
)
INSTEAD = {  # what an author says, and ours that cannot be beside it
    ("-d", "agcount"): (("-d", "concurrency"),),
    ("-d", "agsize"): (("-d", "concurrency"),),
    ("-l", "size"): (("-l", "concurrency"),),
}
OLD_FORMAT = ("finobt", "rmapbt", "reflink", "bigtime", "inobtcount", "metadir", "sparse",
              "nrext64", "exchange", "parent")  # fmt: skip
OPTIONS: dict[str, tuple[str, ...]] = {
    "-b": ("size", "log"),
    "-d": ("agcount", "agsize", "sunit", "swidth", "su", "sw", "extszinherit", "cowextsize"),
    "-f": ALONE,
    "-i": ("size", "perblock", "maxpct", "align", "attr", "projid32bit", "sparse", "nrext64"),
    "-K": ALONE,
    "-l": ("size", "version", "sunit", "su", "lazy-count"),
    "-m": ("crc", "finobt", "rmapbt", "reflink", "bigtime", "inobtcount"),
    "-n": ("size", "version", "ftype"),
    "-s": ("size",),
}
OVERHEAD, LOG = 0.03, 64 * MIB
ACLS = {
    "system.posix_acl_access": "SGI_ACL_FILE",
    "system.posix_acl_default": "SGI_ACL_DEFAULT",
}
PLAIN = re.compile(r"[^\s\"'\\#]+")  # paths that xfs_db reads as one word


class Xfs:
    """xfs, the usual choice of Fedora Server, CentOS Stream and RHEL."""

    tools: tuple[str, ...] = ("mkfs.xfs", "xfs_db")
    repeatable: bool = True  # by mkfs.xfs; a machine is a way of its own
    copies_labels: bool = True
    options: Mapping[str, tuple[str, ...]] = MappingProxyType(OPTIONS)

    def way(self, versions: Mapping[str, str], *, subvolumes: bool) -> str:
        """Return mkfs if mkfs.xfs is 6.17 or newer, else machine."""
        number = version_number(versions.get("mkfs.xfs", ""))
        return MKFS if number >= TAKES_DIRECTORY else MACHINE

    def make(self, work: Work, partition: Partition, *, disk: Path, tree: Path | None) -> None:
        """Write an xfs with the files of *tree* to the partition's place in *disk*.

        If mkfs.xfs copies the files, the same tree gives the same bytes; if a machine has to do it,
        not. Raises RecipeError if the files do not fit or the label is too long, CommandError if a
        tool fails.
        """
        _check(partition)
        version = version_number(work.run(["mkfs.xfs", "-V"]))
        words = ["mkfs.xfs", "-q", "-f", *settings(partition, version)]
        reason = _why_machine(partition, tree)
        if tree and reason:
            work.note(
                f"{partition.mount_point} is filled in a machine, which takes a while and gives "
                f"other bytes each time: {reason}"
            )
            how = Filling("xfs", " ".join(words), ("mkfs.xfs",), overhead=OVERHEAD)
            fill(work, partition, how, disk=disk, tree=tree)
            return
        image = work.scratch / "xfs"
        with image.open("wb") as file:
            file.truncate(partition.size)
        env = {"DETERMINISTIC_SEED": "1"}
        try:
            work.run([*words, *(["-p", str(tree)] if tree else []), image], env=env)
        except CommandError as error:
            if tree and any(word in line for word in FULL for line in error.tail):
                raise too_small(partition, tree, overhead=OVERHEAD, fixed=LOG) from error
            raise
        if tree:
            _complete(work, image, tree)
        work.place(image, disk, partition.start)


def settings(partition: Partition, version: tuple[int, ...]) -> list[str]:
    """Return the options for mkfs.xfs of that *version*: our SETTINGS that it knows, but for those
    that the author's own options replace."""
    own, alone = options_by_key(partition.options)
    ours = {(o, key): value for o, key, value, since in SETTINGS if version >= since}
    ours["-m", "uuid"] = partition.uuid
    if own.get(("-m", "crc")) == "0":
        ours = {where: value for where, value in ours.items() if where[1] not in OLD_FORMAT}
    for where in own:
        for other in INSTEAD.get(where, ()):
            ours.pop(other, None)
    words = list(alone - {"-f"})
    chosen = ours | own
    for option in sorted({option for option, _ in chosen}):
        pairs = [f"{key}={value}" for (o, key), value in sorted(chosen.items()) if o == option]
        words += [option, ",".join(pairs)]
    return [*words, *(["-L", partition.label] if partition.label else [])]


def acl_of_xfs(kept: bytes) -> bytes:
    """Return the ACL *kept*, in the form in which the kernel shows it, in the form in which xfs
    stores it: the kernel's is little-endian, with tag, permissions and id of each entry, that of
    xfs big-endian, with tag, id and permissions (posix_acl_xattr.h, xfs_format.h)."""
    entries = list(struct.iter_unpack("<HHI", kept[4:]))
    return struct.pack(">I", len(entries)) + b"".join(
        struct.pack(">IIHH", tag, whom, allowed, 0) for tag, allowed, whom in entries
    )


def _check(partition: Partition) -> None:
    check_size(partition, FACTS)
    check_label(partition, FACTS.label)


def _why_machine(partition: Partition, tree: Path | None) -> str:
    """Why mkfs.xfs cannot copy the *tree*; empty if it can."""
    if tree is None:
        return ""
    if partition.way == MACHINE:
        return "mkfs.xfs before 6.17 cannot do it; --tools auto brings one that can"
    for path, status in everything(tree):
        if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            return f"mkfs.xfs cannot copy the device node /{path.relative_to(tree)}"
        if _acls(path, status) and not PLAIN.fullmatch(str(path.relative_to(tree))):
            return f"xfs_db cannot write the ACL of '/{path.relative_to(tree)}'"
    return ""


def _complete(work: Work, image: Path, tree: Path) -> None:
    """Write the ACLs, and the time of the root directory, into *image* as a kernel would have."""
    moment = work.clock << 32
    lines = []
    for path, status in everything(tree):
        place = f"path /{path.relative_to(tree)}" if path != tree else "path /"
        for number, (name, value) in enumerate(sorted(_acls(path, status).items())):
            file = work.scratch / f"acl-{status.st_ino}-{number}"
            file.write_bytes(acl_of_xfs(value))
            lines += [place, f"attr_remove -u {name}", f"attr_set -r -V {file} {ACLS[name]}"]
            lines += [place, f"write core.ctime.sec {moment:#x}"]  # both halves: xfs_db(8)
    status = tree.stat()
    modified = max(0, status.st_mtime_ns)
    seconds, rest = divmod(modified, 10**9)
    lines += ["path /", f"write core.mtime.sec {seconds << 32 | rest:#x}"]
    work.run(["xfs_db", "-x", "-f", image], stdin="\n".join(lines) + "\n")


def _acls(path: Path, status: os.stat_result) -> dict[str, bytes]:
    if stat.S_ISLNK(status.st_mode):
        return {}
    names = set(os.listxattr(path)) & set(ACLS)
    return {name: os.getxattr(path, name) for name in names}
