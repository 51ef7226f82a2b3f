"""Give the partitions of a disk their places: numbers, first bytes and sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.errors import RecipeError
from appliance.filesystem_facts import BIOS_BOOT, HELD, facts
from appliance.layout.model import DiskLayout, Slot
from appliance.layout.share import Growing, share
from appliance.layout.storage import (
    Bare,
    Disk,
    Encrypted,
    Filesystem,
    Held,
    Partition,
    PhysicalVolume,
    opened,
)
from appliance.units import MIB, align_up, show

GRAIN = MIB  # every partition starts and ends on a whole MiB, as sfdisk and parted do
TABLE_SPACE = MIB  # kept free at both ends for the partition table and its GPT copy
LINK_SPACE = MIB  # before each logical partition, for the record that leads to the next
CONTAINER = 16 * MIB  # what cryptsetup keeps for itself at the start of a LUKS2 container
MOST_DOS_PARTITIONS = 4
EXTENDED = "extended"

TYPES = {
    "gpt": {
        **{row.name: row.gpt_type for row in HELD.values() if row.gpt_type},
        "": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    },
    "dos": {
        **{row.name: row.mbr_type for row in HELD.values() if row.mbr_type},
        EXTENDED: "f",
        "": "83",
    },
}
# An MBR counts sectors in 32 bits; a file on ext4, which most hosts have, ends before 16 TiB.
LARGEST = {"dos": 2 * 1024**4, "gpt": 16 * 1024**4 - GRAIN}
ROOTS = {
    "x86_64": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
    "aarch64": "B921B045-1DF0-41C3-AF44-4C6F280D3FAE",
}


def place(
    disk: Disk, *, least: Mapping[str, int] | None = None, architecture: str = "x86_64"
) -> DiskLayout:
    """Give the partitions of *disk* their places, in their order.

    Sizes are bytes. Each partition is rounded up to whole MiB. A disk without a size is just large
    enough, or as large as its *least*; space left over is shared by the partitions that `grow`, in
    proportion to their sizes and up to their maximum, the first of them taking the remainder.
    *least* is what the first physical volume of a group needs for what is on it, by the group's
    name.

    A `dos` table with more than four gets three primary partitions, those that ask for it
    (`--asprimary`) before others; the rest are logical, in an extended one that is number 4.

    Raises RecipeError for a BIOS boot partition on a `dos` table, for more primary partitions
    than it holds, or if the disk is too small.
    """
    _check_table(disk)
    partitions, table = disk.partitions, disk.table
    sizes = [_size(partition, least or {}) for partition in partitions]
    order = _order(disk)
    needed = _end(disk, sizes, order) + TABLE_SPACE
    usual = max(needed, disk.least // GRAIN * GRAIN)
    disk_size = usual if disk.size is None else disk.size // GRAIN * GRAIN
    if disk_size < needed:
        raise RecipeError(
            f"the partitions of {disk.name} need {show(needed)}, the disk has {show(disk_size)}",
            where=partitions[-1].where,
            hint=f"--disk-size {-(-needed // MIB)}MiB, or smaller partitions",
        )
    if disk_size > LARGEST[table]:
        raise RecipeError(
            f"the disk {disk.name} has {show(disk_size)}: one with such a table has at most "
            f"{show(LARGEST[table])}",
            where=max(zip(sizes, partitions, strict=True), key=lambda pair: pair[0])[1].where,
            hint="smaller partitions; --grow fills a larger disk later"
            if table == "gpt"
            else "clearpart --all --initlabel --disklabel=gpt",
        )
    growing = [
        Growing(size // GRAIN, size // GRAIN, -(-one.maximum // GRAIN), one.grow)
        for one, size in zip(partitions, sizes, strict=True)
    ]
    sizes = [count * GRAIN for count in share(growing, (disk_size - needed) // GRAIN)]
    slots = _slots(disk, sizes, order, architecture=architecture)
    return DiskLayout(disk.name, table, disk_size, slots)


def numbers(disk: Disk) -> tuple[int, ...]:
    """The numbers that the partitions of *disk* get, in the order in which it lists them."""
    turns = {turn.index: turn.number for turn in _order(disk)}
    return tuple(turns[index] for index in range(len(disk.partitions)))


@dataclass(frozen=True)
class _Turn:
    """One partition's turn on the disk.

    *index*: which partition of the disk it is, from 0, in the order of the kickstart.
    *number*: the number that it gets in the table.
    *logical*: True if it lies in the extended partition of an MBR.
    """

    index: int
    number: int
    logical: bool = False


def _order(disk: Disk) -> list[_Turn]:
    """Return the order in which the partitions lie on the disk, with the numbers that they get.

    Raises RecipeError for more primary partitions than an MBR holds.
    """
    every = range(len(disk.partitions))
    if any(one.number for one in disk.partitions):
        return _kept_order(disk)
    if disk.table != "dos" or len(every) <= MOST_DOS_PARTITIONS:
        return [_Turn(index, index + 1) for index in every]
    wanted = [index for index in every if disk.partitions[index].primary]
    if len(wanted) >= MOST_DOS_PARTITIONS:
        raise RecipeError(
            f"an MBR disk with {len(every)} partitions holds three primary ones, "
            f"{len(wanted)} are to be primary",
            where=disk.partitions[wanted[MOST_DOS_PARTITIONS - 1]].where,
            hint="clearpart --all --initlabel --disklabel=gpt, or fewer --asprimary",
        )
    others = [index for index in every if index not in wanted]
    primary = sorted([*wanted, *others[: MOST_DOS_PARTITIONS - 1 - len(wanted)]])
    logical = [index for index in every if index not in primary]
    turns = [_Turn(index, number) for number, index in enumerate(primary, start=1)]
    first = MOST_DOS_PARTITIONS + 1
    return [*turns, *(_Turn(index, first + n, True) for n, index in enumerate(logical))]


def _kept_order(disk: Disk) -> list[_Turn]:
    """Return the order of partitions of which some have their numbers already; the others get the
    first ones that are free. Raises RecipeError for more than an MBR holds without an extended
    partition."""
    taken = {one.number for one in disk.partitions}
    free = (number for number in range(1, len(disk.partitions) + len(taken) + 1))
    fresh = (number for number in free if number not in taken)
    turns = [_Turn(index, one.number or next(fresh)) for index, one in enumerate(disk.partitions)]
    most = max(turns, key=lambda turn: turn.number)
    if disk.table == "dos" and most.number > MOST_DOS_PARTITIONS:
        raise RecipeError(
            f"partition {most.number} of {disk.name} would be a logical one of an MBR, which is "
            "made here only for partitions that no %pre made",
            where=disk.partitions[most.index].where,
            hint="a %pre that makes a GPT (mklabel gpt), or --size=MIB instead of --onpart",
        )
    return turns


def _end(disk: Disk, sizes: Sequence[int], order: Sequence[_Turn]) -> int:
    """The first byte behind all partitions, with these *sizes*."""
    end = TABLE_SPACE
    for turn in order:
        start = max(end, disk.partitions[turn.index].start) + (LINK_SPACE if turn.logical else 0)
        end = start + sizes[turn.index]
    return end


def _slots(
    disk: Disk, sizes: Sequence[int], order: Sequence[_Turn], *, architecture: str
) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    start = TABLE_SPACE
    logical = [turn for turn in order if turn.logical]
    for turn in order:
        partition, size = disk.partitions[turn.index], sizes[turn.index]
        if turn.logical:
            if turn is logical[0]:
                slots.append(_extended(partition, start, [sizes[one.index] for one in logical]))
            start += LINK_SPACE
        start = max(start, partition.start)
        kind = type_id(partition, table=disk.table, architecture=architecture)
        slots.append(Slot(turn.number, start, size, kind, partition))
        start += size
    return tuple(slots)


def _extended(first: Partition, start: int, sizes: Sequence[int]) -> Slot:
    """The partition around logical ones of these *sizes*, of which *first* is the first."""
    size = sum(sizes) + LINK_SPACE * len(sizes)
    whole = Partition(first.where, size, Bare(EXTENDED))
    return Slot(MOST_DOS_PARTITIONS, start, size, TYPES["dos"][EXTENDED], whole)


def _size(partition: Partition, least: Mapping[str, int]) -> int:
    """A partition without a size has the least that what is in it can be; so has one that grows
    and holds a group."""
    smallest = 0 if partition.size else smallest_of(partition.holds)
    inside = opened(partition.holds)
    group = 0
    if isinstance(inside, PhysicalVolume) and inside.number == 0:
        group = least.get(inside.group, 0) if partition.grow or not partition.size else 0
    around = overhead(partition.holds)
    return align_up(max(partition.size, smallest, group + around if group else 0), GRAIN)


def overhead(held: Held) -> int:
    """The bytes that containers take of what they are in."""
    return CONTAINER + overhead(held.holds) if isinstance(held, Encrypted) else 0


def smallest_of(held: Held) -> int:
    """The bytes that *held* has at least, with the container around what is in it."""
    return facts(opened(held).kind).smallest + overhead(held)


def _check_table(disk: Disk) -> None:
    if disk.table != "dos":
        return
    for partition in disk.partitions:
        if opened(partition.holds) == Bare(BIOS_BOOT):
            raise RecipeError(
                "a BIOS boot partition belongs on a GPT disk",
                where=partition.where,
                hint="leave it out, or clearpart --all --initlabel --disklabel=gpt",
            )


def type_id(partition: Partition, *, table: str, architecture: str) -> str:
    """The type of *partition*: what its author asks for, else the usual one for what is in it."""
    types, inside = TYPES[table], opened(partition.holds)
    root = isinstance(inside, Filesystem) and inside.mount_point == "/"
    if partition.type_id:
        return partition.type_id
    if table == "gpt" and root and architecture in ROOTS:
        return ROOTS[architecture]
    return types.get(inside.kind, types[""])
