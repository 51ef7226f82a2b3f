"""What an OVF or a VMX says: one machine, and the files of its disks."""

from dataclasses import dataclass
from pathlib import Path

from appliance.bundle.model import Machine
from appliance.errors import Where


@dataclass(frozen=True)
class DiskFile:
    """One disk's file, as places.inside() returned it. *sums* are (SHA1 or SHA256, hexadecimal)."""

    path: Path
    where: Where
    sums: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DescribedMachine:
    """The machine *name* that the file *path* describes, with its disks in their order."""

    path: Path
    name: str
    machine: Machine
    files: tuple[DiskFile, ...]
