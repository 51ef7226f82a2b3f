"""The partition table of a raw disk that anybody made."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.errors import CommandError
from appliance.host import command
from appliance.units import SECTOR

MOST = 256  # partitions of one disk


@dataclass(frozen=True)
class Partition:
    """One partition.

    *number*: as the kernel numbers it.
    *start*, *size*: where it begins, and how long it is, in bytes.
    *type*: the type that the table states: a GUID, or an MBR's number in hexadecimal.
    *name*: the name that a GPT gives it.
    *uuid*: the identity that a GPT gives it.
    *bootable*: whether an MBR marks it as the one to boot.
    """

    number: int
    start: int
    size: int
    type: str
    name: str = ""
    uuid: str = ""
    bootable: bool = False


@dataclass(frozen=True)
class PartitionTable:
    """*label*: gpt, dos, or empty if there is no table. *partitions*: by their places."""

    label: str = ""
    partitions: tuple[Partition, ...] = ()


def table_of(disk: Path) -> PartitionTable:
    """Read the partition table of the raw *disk*, as sfdisk(8) understands it; of what lies outside
    the disk, nothing. Raises HostError if there is no sfdisk."""
    try:
        said = command.run(["sfdisk", "--json", disk])
        # its warnings of a table that is damaged come before or after the JSON text
        table, _ = json.JSONDecoder().raw_decode(said, max(0, said.find("{")))
    except (CommandError, ValueError):
        return PartitionTable()
    told = table["partitiontable"]
    sector, size = int(told.get("sectorsize", SECTOR)), disk.stat().st_size
    found = [_partition(each, sector, str(told["device"])) for each in _some(told)]
    inside = [each for each in found if each.start + each.size <= size and each.size > 0]
    return PartitionTable(str(told["label"]), tuple(sorted(inside, key=lambda each: each.start)))


def _some(told: dict[str, Any]) -> list[dict[str, Any]]:
    return list(told.get("partitions", ()))[:MOST]


def _partition(said: dict[str, Any], sector: int, device: str) -> Partition:
    return Partition(
        number=int(str(said["node"]).removeprefix(device).removeprefix("p")),
        start=int(said["start"]) * sector,
        size=int(said["size"]) * sector,
        type=str(said["type"]),
        name=str(said.get("name", "")),
        uuid=str(said.get("uuid", "")).lower(),
        bootable=bool(said.get("bootable", False)),
    )
