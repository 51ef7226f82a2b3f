"""What was given to us, as values: an appliance, its machine, and its disks as QEMU takes them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.bundle.model import FIRMWARES, Machine
from appliance.errors import RequestError


@dataclass(frozen=True)
class Disk:
    """One disk of a machine. *disk_format* is QEMU's name of it; *sha256* and *sha1* are what the
    bundle states, or empty. *name* is what its bundle calls it (sda), or empty.

    *scratch* is not zero for a disk that is not shipped: made empty at launch, so many bytes.
    A *packed* one is unpacked at launch; *disk_format* is that of what is in it, and empty if
    nobody said it.
    """

    path: Path
    disk_format: str
    sha256: str = ""
    scratch: int = 0
    packed: bool = False
    sha1: str = ""
    name: str = ""


@dataclass(frozen=True)
class Image:
    """An appliance on this machine's disk: *path* is the file that names it.

    *firmware* lists what it can start with, as far as somebody said.
    """

    name: str
    path: Path
    disks: tuple[Disk, ...]
    machine: Machine = field(default_factory=Machine)
    firmware: tuple[str, ...] = FIRMWARES

    def on(self, *, disk_bus: str = "", network_card: str = "") -> "Image":
        """The same with its disks on another bus, with other cards; empty leaves it as it is."""
        was = self.machine
        machine = replace(
            was,
            disk_bus=disk_bus or was.disk_bus,
            network_card=network_card or was.network_card,
        )
        return replace(self, machine=machine)

    def sized(self, *, memory: int, cpus: int) -> "Image":
        """The same on a machine of another size: bytes, processors; 0 leaves it as it is."""
        if memory < 0 or cpus < 0:
            raise RequestError("a machine needs memory and a processor")
        was = self.machine
        machine = replace(was, memory=memory or was.memory, cpus=cpus or was.cpus)
        return replace(self, machine=machine)
