"""Partitions that are there already: `part --onpart`, of what a %pre made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from appliance.errors import RecipeError
from appliance.filesystem_facts import BIOS_BOOT, PREP, UNUSED, facts
from appliance.recipe.before import Decided, MadePartition, MadeTable
from appliance.recipe.model import Note
from appliance.recipe.reading.findings import Said
from appliance.recipe.volumes import Volume

# vda2, but nvme0n1p2: a p stands between two numbers
PARTITION = re.compile(r"(?:/dev/)?(?:(?P<plain>[a-z]+)|(?P<numbered>[a-z]+\d[a-z0-9]*)p)"
                       r"(?P<number>[1-9]\d{0,2})")  # fmt: skip
INSTEAD = "--size=MIB instead of --onpart"
FIRMWARE = {
    kind: row.name
    for row in map(facts, (BIOS_BOOT, PREP))
    for kind in (row.gpt_type, row.mbr_type)
    if kind
}  # what a partition is for that nobody has to speak of, by its type


def named(said: Said) -> tuple[str, int]:
    """Return the disk and the number of the partition that --onpart names; empty and 0 if a line
    has none. Raises RecipeError for what is no name of a partition."""
    text = said.values.onPart or ""
    found = PARTITION.fullmatch(text)
    if text and not found:
        raise RecipeError(
            f"--onpart={text} is not the name of a partition",
            hint=f"--onpart=vda2, of what a %pre makes; or {INSTEAD}",
            where=said.where,
        )
    return (found["plain"] or found["numbered"], int(found["number"])) if found else ("", 0)


def found(said: Said, decided: Decided) -> MadePartition:
    """Return the partition that the --onpart of a line names. Raises RecipeError if the %pre
    scripts did not make it."""
    disk, number = named(said)
    table = decided.tables.get(disk)
    made = table.find(number) if table else None
    if made is None:
        numbers = ", ".join(str(one.number) for one in table.partitions) if table else ""
        there = f"partitions {numbers}" if numbers else "no partitions"
        raise RecipeError(
            f"no %pre made {said.values.onPart}: /dev/{disk} has {there}",
            hint=f"make it in a %pre with parted, sgdisk or sfdisk, or {INSTEAD}",
            where=said.where,
        )
    return made


def on_made(volume: Volume, made: MadePartition) -> Volume:
    """Return *volume* on the partition *made*: its size is that of the partition, and so is its
    type, if what is in it asks for none."""
    row = facts(volume.filesystem)
    usual = row.gpt_type or row.mbr_type
    return replace(
        volume,
        size=made.size,
        start=made.start,
        number=made.number,
        grow=False,
        maximum=0,
        recommended=False,
        kind=volume.kind or ("" if usual else made.kind),
    )


def with_others(volumes: Sequence[Volume], tables: Mapping[str, MadeTable]) -> tuple[Volume, ...]:
    """Return *volumes* with the partitions that a %pre made on the same disks and no line speaks
    of; what was made comes first on its disk, where it was made."""
    used = {(one.disk, one.number): one for one in volumes if one.number}
    first = {disk: one for (disk, _), one in reversed(used.items())}
    made = []
    for disk, example in first.items():
        table = tables.get(disk)
        for item in sorted(table.partitions if table else (), key=lambda one: one.start):
            mine = used.pop((disk, item.number), None)
            made.append(mine or _unused(disk, item, example))
    made += sorted(used.values(), key=lambda one: (one.disk, one.number))  # of no known table
    return (*made, *(one for one in volumes if not one.number))


def disk_sizes(volumes: Sequence[Volume], decided: Decided | None) -> tuple[tuple[str, int], ...]:
    """Return the bytes of each disk that has partitions made by a %pre, by its name."""
    names = dict.fromkeys(one.disk for one in volumes if one.number)
    return tuple((name, decided.tables[name].size) for name in names) if decided else ()


def table(volumes: Sequence[Volume], decided: Decided | None) -> str:
    """Return the kind of partition table that a %pre wrote; empty if no line is about one."""
    names = [one.disk for one in volumes if one.number]
    return decided.tables[names[0]].kind if names and decided else ""


def to_come(volumes: Sequence[Volume]) -> tuple[Note, ...]:
    """Return a note on the partitions that a %pre is still to make; none if there are none."""
    awaited = [one for one in volumes if one.number]
    if not awaited:
        return ()
    numbers = ", ".join(str(one.number) for one in awaited)
    text = f"a %pre makes partitions {numbers} of {awaited[0].disk}: a build runs that first"
    return (Note(text, awaited[0].where),)


def _unused(disk: str, item: MadePartition, example: Volume) -> Volume:
    """A partition that no line speaks of: what firmware needs, or nothing."""
    return Volume(
        mount_point="",
        filesystem=FIRMWARE.get(item.kind, UNUSED),
        size=item.size,
        disk=disk,
        where=example.where,
        kind=item.kind,
        number=item.number,
        start=item.start,
    )
