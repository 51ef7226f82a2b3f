"""Make the program with which one kind of firmware starts the appliance."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import boot_loaders
from appliance.work import Work


@dataclass(frozen=True)
class MakeBootCode:
    """*firmware*: bios or uefi; *root_uuid*, *boot_path*: where grub.cfg is."""

    version: ClassVar[int] = 1
    firmware: str
    root_uuid: str
    boot_path: str
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[str, ...]:
        """Nothing: identities are chosen, not found."""
        return ()

    @property
    def gives(self) -> str:
        """A file."""
        return f"boot:{self.firmware}"

    def run(self, work: Work) -> None:
        """Hand over to the boot loader."""
        boot_loaders.KNOWN[self.firmware].make(
            work,
            code=work.path(self.gives),
            root_uuid=self.root_uuid,
            boot_path=self.boot_path,
        )
