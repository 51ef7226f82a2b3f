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
    """Owners, times, ACLs and capabilities are in it (pax)."""

    name: str = "tar"
    suffix: str = "root.tar"
    says: str = "the files alone, for docker import, machinectl import-tar, a chroot"
    unpacked: bool = False
    named: bool = False
    tools: tuple[str, ...] = ("tar",)

    def write(self, work: Work, tree: Path, *, target: Path, architecture: str, name: str) -> None:
        """Write the tree as a tar file, or what is made of one, to *target*."""
        del architecture, name
        write(work, tree, target)


@dataclass(frozen=True)
class Directory(TarTree):
    """The same, unpacked where it is handed over; who is not root owns all of it then."""

    name: str = "dir"
    suffix: str = "root"
    says: str = "the files alone, in a directory, for systemd-nspawn and for looking around"
    unpacked: bool = True
