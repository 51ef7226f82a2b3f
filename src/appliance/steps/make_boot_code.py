"""Make the program with which one kind of firmware starts the appliance."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import boot_loaders
from appliance.work import Work
from appliance.work.results import BootCode, Layer


@dataclass(frozen=True)
class MakeBootCode:
    """*firmware*: bios or uefi, or extlinux, which is for bios, too; *loader*: one of
    backends/boot_loaders; *root_uuid*, *boot_path*: where grub.cfg is; *layers* are those of the
    tree, for a loader that is taken from it."""

    version: ClassVar[int] = 4
    firmware: str
    loader: str
    root_uuid: str
    boot_path: str
    layers: tuple[Layer, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[Layer, ...]:
        """The tree, if the loader is in it; identities are chosen, not found."""
        return self.layers

    @property
    def gives(self) -> BootCode:
        """A file."""
        return BootCode(self.firmware, self.loader)

    def run(self, work: Work) -> None:
        """Hand over to the boot loader."""
        boot_loaders.KNOWN[self.loader].make(
            work,
            code=work.results.path(self.gives),
            root_uuid=self.root_uuid,
            boot_path=self.boot_path,
        )
