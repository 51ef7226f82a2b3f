"""GRUB 2 for BIOS, made by the image's own programs, as its distribution makes it.

The family's boot script, which runs in the image, leaves boot.img and core.img where
grub2-install(8) leaves them.
"""

from pathlib import Path

from appliance.backends.boot_loaders import grub
from appliance.backends.boot_loaders.model import CodePlace
from appliance.errors import CommandError
from appliance.units import SECTOR
from appliance.work import Work

PLACE = "boot/grub2/i386-pc"


class GrubInTree:
    """GRUB for BIOS, as the image's own grub2-mkimage made it."""

    name = "bios-in-tree"
    tools: tuple[str, ...] = ()
    in_tree = True
    repeatable = True
    removable_path = ""
    starts_marked = False

    def make(self, work: Work, *, code: Path, root_uuid: str, boot_path: str) -> None:
        """Write the 512 bytes of the image's boot.img, then its core.img, to the file *code*.

        Raises CommandError if the image lacks one of them.
        """
        boot, core = work.tree.inside(f"{PLACE}/boot.img"), work.tree.inside(f"{PLACE}/core.img")
        if not (boot.is_file() and core.is_file()):
            raise CommandError(
                "the image has no GRUB for BIOS machines",
                hint="grub2-pc in %packages, or no biosboot partition",
            )
        code.write_bytes(boot.read_bytes()[:SECTOR] + core.read_bytes())

    def embed(self, work: Work, *, code: Path, disk: Path, place: CodePlace) -> None:
        """Write boot.img's code into the first sector of *disk*, and core.img at *place*.start.

        Raises HostError if core.img is larger than the room there.
        """
        grub.embed(code=code, disk=disk, start=place.start)
