"""What steps make: a class for each kind of result, whose values say which result it is.

The text of a result (`str()`) is what plans, events, logs and the store call it. The text is made
here and nowhere parsed: whoever has a plan's text finds the result itself among those that the
steps before give.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """What one step changed in the root tree; *name* is the name of the step."""

    name: str

    def __str__(self) -> str:
        return f"layer:{self.name}"


@dataclass(frozen=True)
class LeftFiles:
    """The files that a %pre script left in its /tmp; *name* is the name of the script."""

    name: str

    def __str__(self) -> str:
        return f"files:{self.name}"


@dataclass(frozen=True)
class Labels:
    """The SELinux label of every file of the finished tree."""

    def __str__(self) -> str:
        return "labels"


@dataclass(frozen=True)
class Findings:
    """What was found in the finished tree that others should not get."""

    def __str__(self) -> str:
        return "findings"


@dataclass(frozen=True)
class BootCode:
    """A program with which a *firmware* (bios, uefi, extlinux) starts the appliance. *loader* is
    the name of the boot loader in backends/boot_loaders that makes the program and writes it to a
    disk."""

    firmware: str
    loader: str

    def __str__(self) -> str:
        return f"boot:{self.firmware}"


@dataclass(frozen=True)
class FilesystemImage:
    """One filesystem with its files, as a file of its own; *name* says where it is mounted, or on
    which partition or logical volume it is.

    The file stays where it was made until a step moves it onto a disk. It is never in the store,
    which would otherwise hold all data twice, and in the clear what is to be encrypted.
    """

    name: str

    def __str__(self) -> str:
        return f"filesystem:{self.name}"


@dataclass(frozen=True)
class DiskImage:
    """One whole raw disk; *disk* is its name in the kickstart (`--ondisk`)."""

    disk: str

    def __str__(self) -> str:
        return f"disk:{self.disk}"


@dataclass(frozen=True)
class FormattedImage:
    """A disk in the format *disk_format* that people asked for; *disk* is its name, empty for the
    one disk of an appliance whose kickstart names none."""

    disk: str
    disk_format: str

    def __str__(self) -> str:
        return f"image:{self.disk}.{self.disk_format}" if self.disk else f"image:{self.disk_format}"


@dataclass(frozen=True)
class BlockMap:
    """A file that lists which blocks of the raw disk *disk* hold data (bmap)."""

    disk: str

    def __str__(self) -> str:
        return f"blocks:{self.disk}"


@dataclass(frozen=True)
class PackedTree:
    """All files of the appliance without a disk around them, in the format *tree_format* of
    backends/tree_formats."""

    tree_format: str

    def __str__(self) -> str:
        return f"files:{self.tree_format}"


Result = (
    Layer
    | LeftFiles
    | Labels
    | Findings
    | BootCode
    | FilesystemImage
    | DiskImage
    | FormattedImage
    | BlockMap
    | PackedTree
)
PASSING = (FilesystemImage,)  # those that no store holds: gone when a disk has taken them
