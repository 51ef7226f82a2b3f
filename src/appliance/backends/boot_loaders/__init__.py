"""The boot loaders that we put onto disks. To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.boot_loaders.extlinux import Extlinux
from appliance.backends.boot_loaders.grub import GrubBios, GrubUefi
from appliance.backends.boot_loaders.grub_in_tree import GrubInTree
from appliance.backends.boot_loaders.model import CodePlace
from appliance.work import Work


class BootLoader(Protocol):
    """A program with which one firmware finds and starts the kernel.

    *name*: what plans call it.
    *tools*: the tools of host/tools.py whose versions count for what it writes.
    *in_tree*: whether make() takes the program from the image's root tree.
    *repeatable*: whether two disks that it is put onto are the same to the bit.
    *removable_path*: where on the EFI system partition the program has to be; empty for one that
        embed() writes onto the disk.
    *starts_marked*: whether it starts the partition that the partition table marks as active, so
        that one has to be marked.
    """

    name: str
    tools: tuple[str, ...]
    in_tree: bool
    repeatable: bool
    removable_path: str
    starts_marked: bool

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the loader's program to the file *code*: it finds the filesystem *root_uuid* and
        reads its menu below *boot_path* there.

        Raises CommandError or HostError if what it is made of is not there.
        """

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Write *code*, a file that make() wrote, onto the raw *disk* where the firmware looks;
        the filesystems on the disk are complete."""


KNOWN: dict[str, BootLoader] = {
    loader.name: loader for loader in (GrubBios(), GrubUefi(), GrubInTree(), Extlinux())
}
