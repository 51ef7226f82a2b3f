"""What a build hands over, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.recipe.brand import Logo

BIOS, UEFI = "bios", "uefi"
FIRMWARES = (BIOS, UEFI)


@dataclass(frozen=True)
class Machine:
    """The virtual machine that an appliance needs; where a text is empty, each launcher chooses.

    *architecture*: the processor's, as the kernel names it: x86_64, aarch64.
    *memory*: main memory in bytes.
    *cpus*: the number of virtual processors.
    *interfaces*: the number of network cards.
    *firmware*: what starts it: bios or uefi.
    *disk_bus*: what its disks hang on, one of DISK_BUSES.
    *network_card*: which card the guest sees, one of NETWORK_CARDS.
    *display*: whether it has a screen besides its serial console.
    *os_type*: VMware's word for the guest's operating system, for instance debian12_64Guest.
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


EDITIONS = (1,)  # of the conventions for appliances: docs/reference/conventions.md


@dataclass(frozen=True)
class Port:
    """A port that the appliance serves.

    *number*: the port, 1 to 65535.
    *protocol*: tcp or udp.
    *name*: what is behind it, for people.
    """

    number: int
    protocol: str = "tcp"
    name: str = ""


@dataclass(frozen=True)
class Property:
    """Something that is asked when the appliance is deployed, and that the guest is then told.

    *key*: how the guest asks for the value.
    *label*: what whoever deploys reads beside the field.
    *description*: a longer explanation of what to fill in.
    *kind*: string, password, boolean or int (OVF 1.1, 9.5.1).
    *default*: the value if nothing is filled in, as text.
    """

    key: str
    label: str = ""
    description: str = ""
    kind: str = "string"
    default: str = ""


@dataclass(frozen=True)
class Product:
    """What the appliance is, in its maker's words; empty where nothing was said.

    *name*: the product's name.
    *version*: the product's version, as people call it.
    *vendor*: who makes it.
    *url*: the address of a page about the product.
    *vendor_url*: the address of a page about its maker.
    *description*: what it is for.
    *eula*: the whole text of the licence that must be accepted.
    *ports*: what it serves on the network.
    *properties*: what is asked when it is deployed.
    *conventions*: the edition of our conventions that it goes by, one of EDITIONS; 0 for none.
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
    conventions: int = 0


@dataclass(frozen=True)
class Artifact:
    """One image of one disk, in one format.

    *disk*: the disk's name in the kickstart (`--ondisk`); empty for a disk that nobody named.
    *path*: the image's file name, beside the description.
    *disk_format*: the format, by the name that `--format` takes.
    *size*: the size of the disk that the guest sees, in bytes.
    *sha256*: the SHA-256 of the file, in hexadecimal; empty if nobody wanted it.
    *file_size*: the size of the file, in bytes; 0 for one that is not made yet.
    *populated*: how many bytes of the disk the file holds, the others being zeros; 0 where nobody
        has counted them.
    """

    disk: str
    path: str
    disk_format: str
    size: int
    sha256: str
    file_size: int = 0
    populated: int = 0


@dataclass(frozen=True)
class Package:
    """One installed package (a .deb or .rpm), as the package list says it.

    *name*: the package's name.
    *version*: its version, with epoch and release where it has them.
    *architecture*: its architecture, in the words of its package manager.
    *sha256*: the SHA-256 of the package file, in hexadecimal.
    *size*: the size of the package file, in bytes.
    *repository*: the name of the repository that it came from.
    *source*: the source package that it was built from; empty if nothing says it.
    *source_version*: the version of that source package, with epoch and release.
    *licence*: its licence in SPDX's words, or in those of the package; empty if nothing says it.
    *origin*: who made it: a repository's Origin, or an rpm's Vendor.
    *installed_size*: bytes that its files take, as the package says.
    *reason*: why it is there: "asked", "setting" or "needed"; empty if nothing says it.
    *needs*: names of the packages of the same list that it needs.
    """

    name: str
    version: str
    architecture: str
    sha256: str
    size: int
    repository: str
    source: str = ""
    source_version: str = ""
    licence: str = ""
    origin: str = ""
    installed_size: int = 0
    reason: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackageRepository:
    """A repository that packages came from, as it was when they were chosen.

    *name*: the name by which packages refer to it.
    *suite*: the suite of an apt archive; empty for any other repository.
    *components*: the components of an apt archive.
    *date*: when its metadata was made, in seconds since 1970.
    *origin*: who says that it is theirs, as the Origin of an apt archive; empty if nobody does.
    *sha256*: the SHA-256 of its signed metadata; empty if nobody noted it.
    *unverified*: True if its packages were allowed to be used without a known key.
    """

    name: str
    suite: str = ""
    components: tuple[str, ...] = ()
    date: int = 0
    origin: str = ""
    sha256: str = ""
    unverified: bool = False


@dataclass(frozen=True)
class Bundle:
    """One appliance as it is handed over.

    *name*: what it is called; its files' names begin with it.
    *version*: the appliance's own version.
    *release*: which build of that version it is.
    *family*: the family of distributions that it is made of: debian, fedora.
    *family_release*: the release of that distribution: trixie, 44.
    *clock*: the build's moment, in seconds since 1970.
    *plan_digest*: the SHA-256 of the plan that made it.
    *machine*: the machine that it needs.
    *firmware*: every firmware that can start it: bios, uefi.
    *artifacts*: all images: of each disk one in every format.
    *packages*: the packages that are installed in it.
    *notes*: what the build had to say about the kickstart.
    *product*: what it is, in its maker's words.
    *lacks*: the disk buses and network cards that its kernel is known to have no drivers for.
    *repositories*: where its packages came from.
    *icon*: its picture, for those who list machines, or None.
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
    repositories: tuple[PackageRepository, ...] = ()
    icon: Logo | None = None

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
