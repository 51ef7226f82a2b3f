"""A disk, before it exists."""

from dataclasses import dataclass

from appliance.layout.storage import Partition


@dataclass(frozen=True)
class Slot:
    """One partition in its place. *start* and *size* are bytes from the start of the disk.

    *type_id* is the GPT type GUID or the MBR type in hexadecimal. *partition* is what asks for it;
    the extended partition of an MBR has one that is bare.
    """

    number: int
    start: int
    size: int
    type_id: str
    partition: Partition


@dataclass(frozen=True)
class DiskLayout:
    """A whole disk: *size* bytes, with its slots in disk order; *table* is gpt or dos."""

    name: str
    table: str
    size: int
    slots: tuple[Slot, ...]
