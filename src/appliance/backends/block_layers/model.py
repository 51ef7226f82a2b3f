"""What making a container must know of the disk that it is put on."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run of *size* bytes at the byte *start* of the file *disk*."""

    disk: Path
    start: int
    size: int
