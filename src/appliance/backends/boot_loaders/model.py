"""What a boot loader must know of the disk that it is put on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CodePlace:
    """*start* is the byte where there is room for a BIOS boot loader, if it needs any; *table* is
    gpt or dos. The files of /boot are in the partition *number* with that *filesystem*, below
    *path* ("/boot", or "" if it has the partition for itself); 0: in no partition.
    """

    start: int
    table: str
    number: int = 0
    filesystem: str = ""
    path: str = ""
