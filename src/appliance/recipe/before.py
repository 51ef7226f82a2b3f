"""What the %pre scripts of a kickstart decided, which run before the rest of it is read."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MadePartition:
    """A partition that a %pre made.

    *number*: its number in the table.
    *start*: its first byte, a multiple of a MiB.
    *size*: its size in bytes, a multiple of a MiB.
    *kind*: its type, as the table has it: a GUID, or two hexadecimal digits.
    """

    number: int
    start: int
    size: int
    kind: str


@dataclass(frozen=True)
class MadeTable:
    """The partition table, gpt or dos, that a %pre wrote on a disk of *size* bytes."""

    kind: str
    size: int
    partitions: tuple[MadePartition, ...]

    def find(self, number: int) -> MadePartition | None:
        """Return the partition with this *number*, or None."""
        return next((one for one in self.partitions if one.number == number), None)


@dataclass(frozen=True)
class Decided:
    """What all %pre scripts left: the texts of the *files* in their /tmp, by their paths, and the
    partition *tables* of their disks, by the names of these (vda)."""

    files: Mapping[str, str]
    tables: Mapping[str, MadeTable]
