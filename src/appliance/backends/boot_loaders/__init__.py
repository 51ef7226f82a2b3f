"""Boot loaders. To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.boot_loaders.grub import GrubBios, GrubUefi
from appliance.backends.boot_loaders.grub_in_tree import GrubInTree
from appliance.work import Work


class BootLoader(Protocol):
    """How one firmware finds the kernel. *code* is a file that make() wrote.

    *in_tree*: make() takes the program from the image's root tree."""

    name: str
    tools: tuple[str, ...]
    in_tree: bool

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the loader's program: it finds the filesystem *root_uuid* and reads
        *boot_path*/grub/grub.cfg there."""

    def embed(self, *, code: Path, disk: Path, start: int, table: str) -> None:
        """Write *code* onto *disk* where the firmware looks; *start* is the byte where there is
        room for it, if the loader needs any."""


REMOVABLE_PATH = GrubUefi.path  # on the EFI system partition
KNOWN: dict[str, BootLoader] = {
    loader.name: loader for loader in (GrubBios(), GrubUefi(), GrubInTree())
}
