"""Boot loaders. To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.boot_loaders.extlinux import Extlinux
from appliance.backends.boot_loaders.grub import GrubBios, GrubUefi
from appliance.backends.boot_loaders.grub_in_tree import GrubInTree
from appliance.backends.boot_loaders.model import CodePlace
from appliance.work import Work


class BootLoader(Protocol):
    """How one firmware finds the kernel. *code* is a file that make() wrote.

    *in_tree*: make() takes the program from the image's root tree. *repeatable*: two disks are
    the same to the bit. *removable_path*: where on the EFI system partition the program has to be;
    empty for one that embed() writes. *starts_marked*: it starts the partition that the table of
    the disk marks, so one has to be marked."""

    name: str
    tools: tuple[str, ...]
    in_tree: bool
    repeatable: bool
    removable_path: str
    starts_marked: bool

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the loader's program: it finds the filesystem *root_uuid* and reads
        *boot_path*/grub/grub.cfg there."""

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Write *code* onto *disk*, whose filesystems are complete, where the firmware looks."""


KNOWN: dict[str, BootLoader] = {
    loader.name: loader for loader in (GrubBios(), GrubUefi(), GrubInTree(), Extlinux())
}
