"""What `appliance inspect` says of a machine: its product, system, start and disks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProductFacts:
    """What it is, in its maker's words.

    *name*: the product's name.
    *version*: its version.
    *release*: which build of that version it is.
    *vendor*: who makes it.
    *url*: the address of a page about it.
    *description*: what it is for.
    *made*: when it was made, in seconds since 1970; 0 if nothing says it.
    """

    name: str = ""
    version: str = ""
    release: str = ""
    vendor: str = ""
    url: str = ""
    description: str = ""
    made: int = 0


@dataclass(frozen=True)
class KernelFacts:
    """A kernel that is installed.

    *version*: its version, as `uname -r` says it.
    *package*: the package that it belongs to.
    *initramfs*: the path of its initramfs; empty if it has none.
    """

    version: str
    package: str = ""
    initramfs: str = ""


@dataclass(frozen=True)
class SystemFacts:
    """The operating system, by its os-release(5).

    *id*: its name for programs: debian.
    *name*: its name for people.
    *version*: its version for people.
    *version_id*: its version for programs.
    *like*: the systems that it is made of, by their ids.
    *variant*: which edition of it this is.
    *image_id*: what the image is called.
    *image_version*: the image's version.
    *architecture*: the processor's, as the kernel names it: x86_64.
    *hostname*: what the machine is called before anybody tells it otherwise.
    *kernels*: its kernels, the newest first.
    """

    id: str = ""
    name: str = ""
    version: str = ""
    version_id: str = ""
    like: tuple[str, ...] = ()
    variant: str = ""
    image_id: str = ""
    image_version: str = ""
    architecture: str = ""
    hostname: str = ""
    kernels: tuple[KernelFacts, ...] = ()


@dataclass(frozen=True)
class MenuEntry:
    """A line of a boot loader's menu.

    *title*: what people read.
    *kernel*: the path of the kernel, as the boot loader has it.
    *arguments*: the kernel's command line.
    *source*: the file that says so.
    """

    title: str
    kernel: str
    arguments: str
    source: str


@dataclass(frozen=True)
class StartFacts:
    """How it starts.

    *firmware*: what can start it: bios, uefi.
    *loaders*: the boot loaders that are there.
    *secure_boot*: True if what UEFI starts is signed by somebody; whose keys accept it depends on
        the machine.
    *entries*: their menus.
    *target*: the unit that the system starts.
    """

    firmware: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()
    secure_boot: bool = False
    entries: tuple[MenuEntry, ...] = ()
    target: str = ""


@dataclass(frozen=True)
class PartitionFacts:
    """A partition.

    *number*: as the kernel numbers it.
    *start*: the byte of the disk at which it begins.
    *size*: its size in bytes.
    *type*: its type in the table: a GUID, or an MBR's number in hexadecimal.
    *name*: its name in the table.
    *uuid*: its identity in the table.
    """

    number: int
    start: int
    size: int
    type: str
    name: str = ""
    uuid: str = ""


@dataclass(frozen=True)
class DiskFacts:
    """A disk.

    *name*: what its bundle calls it, or that of its file.
    *size*: its size in bytes.
    *file*: the name of the file that it came in.
    *file_size*: the size of that file in bytes.
    *format*: the format of that file.
    *table*: the kind of its partition table: gpt, dos, or empty.
    *partitions*: its partitions, by their places.
    """

    name: str
    size: int
    file: str
    file_size: int
    format: str
    table: str = ""
    partitions: tuple[PartitionFacts, ...] = ()


@dataclass(frozen=True)
class FilesystemFacts:
    """A filesystem, or what else is in a partition or logical volume.

    *disk*: the disk that it is on.
    *place*: the partition or logical volume that it is in.
    *kind*: its type, as mount calls it; empty for what is not known.
    *mount_point*: where it is mounted; empty if nowhere.
    *label*: its name.
    *uuid*: its identity.
    *size*: its size in bytes.
    *used*: bytes of it that are taken; -1 if unknown.
    *free*: bytes of it that are free; -1 if unknown.
    *problem*: why its files are not looked at.
    """

    disk: str
    place: str
    kind: str
    mount_point: str = ""
    label: str = ""
    uuid: str = ""
    size: int = 0
    used: int = -1
    free: int = -1
    problem: str = ""
