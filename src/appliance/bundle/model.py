"""What a build hands over, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field

BIOS, UEFI = "bios", "uefi"
FIRMWARES = (BIOS, UEFI)


@dataclass(frozen=True)
class Machine:
    """The virtual machine that an appliance needs. *memory* is bytes, *interfaces* a number.

    Empty is what the launcher thinks best: *firmware* is bios or uefi, *disk_bus* one of DISK_BUSES
    and *network_card* one of NETWORK_CARDS. *display*: it has a screen besides its serial console.
    *os_type* is VMware's word for the guest's system (debian12_64Guest).
    """

    architecture: str = "x86_64"
    memory: int = 1024 * 1024 * 1024
    cpus: int = 1
    interfaces: int = 1
    firmware: str = ""
    disk_bus: str = ""
    network_card: str = ""
    display: bool = True
    os_type: str = ""


# What a disk hangs on, and a card that a guest sees, as people name them; each launcher knows how
# its program says it.
DISK_BUSES = ("virtio", "virtio-scsi", "sata", "ide", "nvme", "pvscsi", "lsilogic")
NETWORK_CARDS = ("virtio", "vmxnet3", "e1000", "e1000e")


@dataclass(frozen=True)
class Port:
    """A port that the appliance serves: *protocol* is tcp or udp, *name* says what is behind it."""

    number: int
    protocol: str = "tcp"
    name: str = ""


@dataclass(frozen=True)
class Property:
    """Something that is asked when the appliance is deployed, and that the guest takes.

    *kind* is string, password, boolean or int (OVF 1.1, 9.5.1); *default* is as text.
    """

    key: str
    label: str = ""
    description: str = ""
    kind: str = "string"
    default: str = ""


@dataclass(frozen=True)
class Product:
    """What the appliance is, in its maker's words; empty where nothing was said.

    *eula* is the whole text of the licence, *version* what people call it.
    """

    name: str = ""
    version: str = ""
    vendor: str = ""
    url: str = ""
    vendor_url: str = ""
    description: str = ""
    eula: str = ""
    ports: tuple[Port, ...] = ()
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Artifact:
    """One image of one disk. *disk* is its `--ondisk` name, *path* the file beside the others,
    *disk_format* one of backends/disk_formats; *size* is what the guest sees, *file_size* what the
    file has, in bytes (0: not made yet)."""

    disk: str
    path: str
    disk_format: str
    size: int
    sha256: str
    file_size: int = 0


@dataclass(frozen=True)
class Package:
    """One installed package, as the manifest lists it; *size* is the package file's, in bytes."""

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    repository: str


@dataclass(frozen=True)
class Bundle:
    """One appliance. *clock* is the build's moment, in seconds since 1970.

    *firmware* lists the ways in which it can start: bios, uefi. *artifacts* are all images: of each
    disk one in every format. *lacks* are the disk buses and network cards that its kernel is known
    to have no drivers for.
    """

    name: str
    version: str
    release: str
    family: str
    family_release: str
    clock: int
    plan_digest: str
    machine: Machine
    firmware: tuple[str, ...]
    artifacts: tuple[Artifact, ...]
    packages: tuple[Package, ...]
    notes: tuple[str, ...] = ()
    product: Product = field(default_factory=Product)
    lacks: tuple[str, ...] = ()

    def images(self, formats: Sequence[str]) -> tuple[Artifact, ...]:
        """One image of each disk, all in the first of *formats* that there is; () if in none."""
        for name in formats:
            found = tuple(image for image in self.artifacts if image.disk_format == name)
            if found:
                return found
        return ()

    @property
    def boots_with(self) -> str:
        """The firmware that its machine has: what was asked for, else BIOS where it can."""
        return self.machine.firmware or (UEFI if self.firmware == (UEFI,) else BIOS)
