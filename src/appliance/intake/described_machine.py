"""What an OVF or a VMX says: one machine, the files of its disks, and the product."""

from dataclasses import dataclass, field
from pathlib import Path

from appliance.bundle.model import Machine, Product
from appliance.errors import Where


@dataclass(frozen=True)
class DiskFile:
    """One disk's file, as places.inside() returned it. *sums* are (SHA1 or SHA256, hexadecimal)."""

    path: Path
    where: Where
    sums: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DescribedProduct:
    """What a description says of the appliance besides its machine.

    *product*: the product; empty where nothing is said.
    *version*: the appliance's own version.
    *release*: which build of that version it is.
    *lacks*: the disk buses and network cards that its kernel has no drivers for.
    *unsaid*: a line for each thing that is said there and that a bundle has no word for.
    """

    product: Product = field(default_factory=Product)
    version: str = ""
    release: str = ""
    lacks: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


@dataclass(frozen=True)
class DescribedMachine:
    """The machine *name* that the file *path* describes, with its disks in their order, and what
    is *said* of the product."""

    path: Path
    name: str
    machine: Machine
    files: tuple[DiskFile, ...]
    said: DescribedProduct = field(default_factory=DescribedProduct)
