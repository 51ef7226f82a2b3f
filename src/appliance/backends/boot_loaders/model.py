"""What a boot loader must know of the disk that it is put on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CodePlace:
    """Where on a disk a boot loader's code goes, and where the files of /boot are.

    *start*: the byte where there is room for a BIOS boot loader's code, if it needs any.
    *table*: the kind of partition table, gpt or dos.
    *number*: the partition with the files of /boot, counted from 1; 0: they are in none.
    *filesystem*: the kind of filesystem in that partition.
    *path*: where /boot is on it: "/boot", or "" if it has the partition for itself.
    """

    start: int
    table: str
    number: int = 0
    filesystem: str = ""
    path: str = ""
