"""What was given to us, as values: an appliance, its machine, and its disks as QEMU takes them."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.bundle.model import FIRMWARES, Machine
from appliance.bundle.sense import check_size
from appliance.errors import RequestError


@dataclass(frozen=True)
class Disk:
    """One disk of a machine.

    *path*: the file that holds it.
    *disk_format*: QEMU's name of its format; that of the content if it is packed, and empty if
        nobody said it.
    *sha256*: the SHA-256 that the bundle states of the file, or empty.
    *scratch*: the size in bytes of a disk that is not shipped but made empty at launch; else 0.
    *packed*: True if it is unpacked at launch.
    *sha1*: the SHA-1 that the bundle states of the file, or empty.
    *name*: what its bundle calls it (sda), or empty.
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
    """An appliance on this machine's disk.

    *name*: what it is called.
    *path*: the file that names it: an image or a description.
    *disks*: its disks, in their order.
    *machine*: the machine that it needs.
    *firmware*: what it can start with, as far as somebody said.
    """

    name: str
    path: Path
    disks: tuple[Disk, ...]
    machine: Machine = field(default_factory=Machine)
    firmware: tuple[str, ...] = FIRMWARES

    def on(self, *, disk_bus: str = "", network_card: str = "") -> "Image":
        """Return the appliance with its disks on another bus and with other cards; an empty name
        changes nothing."""
        was = self.machine
        machine = replace(
            was,
            disk_bus=disk_bus or was.disk_bus,
            network_card=network_card or was.network_card,
        )
        return replace(self, machine=machine)

    def sized(self, *, memory: int, cpus: int) -> "Image":
        """Return the appliance on a machine with so much memory, in bytes, and so many processors;
        0 changes nothing. Raises RequestError for a machine that is too large for any."""
        if memory < 0 or cpus < 0:
            raise RequestError("a machine needs memory and a processor")
        was = self.machine
        machine = replace(was, memory=memory or was.memory, cpus=cpus or was.cpus)
        return replace(self, machine=check_size(machine))
