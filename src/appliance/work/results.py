"""What steps make: a value for each kind of result, which says what it is of and what made it.

The text of a result (`str()`) is what plans, events, logs and the store call it. It is made here
and nowhere read: whoever has a plan's text finds the result itself among those that the steps
before it give.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """What one step changed in the root tree; *name* is the step's."""

    name: str

    def __str__(self) -> str:
        return f"layer:{self.name}"


@dataclass(frozen=True)
class LeftFiles:
    """What a %pre left in its /tmp; *name* is the script's."""

    name: str

    def __str__(self) -> str:
        return f"files:{self.name}"


@dataclass(frozen=True)
class Labels:
    """The SELinux label of every file of the finished tree."""

    def __str__(self) -> str:
        return "labels"


@dataclass(frozen=True)
class BootCode:
    """A program with which a *firmware* (bios, uefi, extlinux) starts the appliance. *loader*, one
    of backends/boot_loaders, has made it and knows where on a disk it goes."""

    firmware: str
    loader: str

    def __str__(self) -> str:
        return f"boot:{self.firmware}"


@dataclass(frozen=True)
class FilesystemImage:
    """One filesystem with its files, as a file of its own; *name* says where it is mounted, or on
    which partition or logical volume it is.

    It stays where it was made until a step puts it onto a disk, and is never in the store, which
    would else hold everything twice, and what a container is to hide in the clear.
    """

    name: str

    def __str__(self) -> str:
        return f"filesystem:{self.name}"


@dataclass(frozen=True)
class DiskImage:
    """One whole raw disk, by its `--ondisk` name."""

    disk: str

    def __str__(self) -> str:
        return f"disk:{self.disk}"


@dataclass(frozen=True)
class FormattedImage:
    """A disk in the format that people asked for; *disk* is empty for an only one that has no
    name."""

    disk: str
    disk_format: str

    def __str__(self) -> str:
        return f"image:{self.disk}.{self.disk_format}" if self.disk else f"image:{self.disk_format}"


@dataclass(frozen=True)
class BlockMap:
    """Which blocks of a raw disk there are."""

    disk: str

    def __str__(self) -> str:
        return f"blocks:{self.disk}"


@dataclass(frozen=True)
class PackedTree:
    """All files of the appliance without a disk around them, in one of backends/tree_formats."""

    tree_format: str

    def __str__(self) -> str:
        return f"files:{self.tree_format}"


Result = (
    Layer
    | LeftFiles
    | Labels
    | BootCode
    | FilesystemImage
    | DiskImage
    | FormattedImage
    | BlockMap
    | PackedTree
)
PASSING = (FilesystemImage,)  # those that no store holds: gone when a disk has taken them
