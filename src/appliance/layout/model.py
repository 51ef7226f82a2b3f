"""A disk, before it exists."""

from dataclasses import dataclass

from appliance.recipe.volumes import Volume


@dataclass(frozen=True)
class Slot:
    """One partition in its place. *start* and *size* are bytes from the start of the disk.

    *type_id* is the GPT type GUID or the MBR type in hexadecimal.
    """

    number: int
    start: int
    size: int
    type_id: str
    volume: Volume


@dataclass(frozen=True)
class DiskLayout:
    """A whole disk: *size* bytes, with its slots in disk order; *table* is gpt or dos."""

    name: str
    table: str
    size: int
    slots: tuple[Slot, ...]
