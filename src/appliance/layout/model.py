"""A disk, before it exists."""

from dataclasses import dataclass

from appliance.layout.storage import Partition


@dataclass(frozen=True)
class Slot:
    """One partition in its place.

    *number*: the partition's number in the table.
    *start*: its first byte, counted from the start of the disk.
    *size*: its size in bytes.
    *type_id*: the GPT type GUID, or the MBR type in hexadecimal.
    *partition*: what the recipe asks for; the extended partition of an MBR has one without content.
    """

    number: int
    start: int
    size: int
    type_id: str
    partition: Partition


@dataclass(frozen=True)
class DiskLayout:
    """A whole disk with its partitions in their places.

    *name*: the disk's name.
    *table*: the kind of partition table: gpt or dos.
    *size*: the size of the disk in bytes.
    *slots*: the partitions, in disk order.
    """

    name: str
    table: str
    size: int
    slots: tuple[Slot, ...]
