"""The root tree in a tar file, for containers, chroots and whoever installs it elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from appliance.work import Work

# The order, and what pax notes of each file, depend on nothing but the files. Labels are for a
# policy that a container does not have.
WORDS = (
    "--format=posix", "--sort=name", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*",
    "--xattrs-exclude=security.selinux", "--one-file-system",
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
)  # fmt: skip


def write(work: Work, tree: Path, target: Path) -> None:
    """Write the tar file *target*, uncompressed, of everything in *tree*."""
    work.run(["tar", "--create", "--file", target, "--directory", tree, *WORDS, "."])


@dataclass(frozen=True)
class TarTree:
    """A tar file (pax) with owners, times, ACLs and capabilities, but without SELinux labels.

    *name*: the name of the format, as `--format` takes it.
    *suffix*: what the name of the file is behind the appliance's name.
    *says*: what it is for, in a phrase for help texts.
    *unpacked*: whether the file is unpacked when the appliance is handed over.
    *named*: whether the appliance's name is in the file.
    *tools*: the tools of host/tools.py whose versions count for the bytes.
    """

    name: str = "tar"
    suffix: str = "root.tar"
    says: str = "the files alone, for docker import, machinectl import-tar, a chroot"
    unpacked: bool = False
    named: bool = False
    tools: tuple[str, ...] = ("tar",)

    def write(self, work: Work, tree: Path, *, target: Path, architecture: str, name: str) -> None:
        """Write everything in *tree* to the tar file *target*, uncompressed."""
        del architecture, name
        write(work, tree, target)


@dataclass(frozen=True)
class Directory(TarTree):
    """A tar file that is unpacked into a directory when the appliance is handed over; unless that
    is done by root, all files then belong to whoever does it."""

    name: str = "dir"
    suffix: str = "root"
    says: str = "the files alone, in a directory, for systemd-nspawn and for looking around"
    unpacked: bool = True
