"""What making a container must know of the disk that it is put on."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """The *size* bytes from the byte *start* on of the file *disk*."""

    disk: Path
    start: int
    size: int
