"""Make the program with which one kind of firmware starts the appliance."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import boot_loaders
from appliance.work import Work
from appliance.work.results import BootCode, Layer


@dataclass(frozen=True)
class MakeBootCode:
    """Make the program of one boot loader.

    *firmware*: what starts the program: bios, uefi, or extlinux, which is for BIOS too.
    *loader*: the name of the boot loader in backends/boot_loaders.
    *root_uuid*: the UUID of the filesystem that has the boot loader's menu.
    *boot_path*: where /boot is on that filesystem: "/boot", or "".
    *layers*: the layers of the root tree, for a loader that is taken from it.
    *tools*: the programs that make it, with their versions.
    """

    version: ClassVar[int] = 4
    firmware: str
    loader: str
    root_uuid: str
    boot_path: str
    layers: tuple[Layer, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[Layer, ...]:
        """The layers of the root tree, if the boot loader is taken from it."""
        return self.layers

    @property
    def gives(self) -> BootCode:
        """The boot loader's program, as a file."""
        return BootCode(self.firmware, self.loader)

    def run(self, work: Work) -> None:
        """Have backends/boot_loaders write the program."""
        boot_loaders.KNOWN[self.loader].make(
            work,
            code=work.results.path(self.gives),
            root_uuid=self.root_uuid,
            boot_path=self.boot_path,
        )
