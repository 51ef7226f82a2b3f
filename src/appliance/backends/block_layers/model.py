"""What making a container must know of the disk that it is put on."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run of bytes of a disk, to which a container is written.

    *disk*: the file that is the disk.
    *start*: the byte where the run begins.
    *size*: how many bytes it has.
    """

    disk: Path
    start: int
    size: int
