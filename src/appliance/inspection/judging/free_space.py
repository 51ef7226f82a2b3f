"""What lies in the free space of an image: of filesystems, of swap, between partitions."""

from collections.abc import Callable, Iterator
from typing import Protocol

from appliance.backends.image_rules import Fault
from appliance.filesystem_facts import EXT, FAT, FILESYSTEMS, SWAP
from appliance.inspection.judging.data_extents import Extents, extents
from appliance.inspection.judging.free_ext import FreeBlocks
from appliance.inspection.judging.free_fat import FreeClusters
from appliance.inspection.opened import Sight
from appliance.inspection.places import Place, SeenDisk
from appliance.intake.mounted import Area
from appliance.intake.trees.limits import DamagedError
from appliance.intake.trees.window import Window, window
from appliance.units import KIB, MIB, SECTOR, show

HEADS = 64 * KIB  # bytes of a page, at most: what mkswap writes is in the first
START = MIB  # before it: the partition table, and boot code
TABLE = 33 * SECTOR  # the copy of a GPT, at the end


class Units(Protocol):
    """The units that a filesystem gives to files."""

    @property
    def unit(self) -> int:
        """The size of one, in bytes."""

    @property
    def place(self) -> int:
        """The byte where the first of those is that have a number."""

    @property
    def end(self) -> int:
        """The byte behind the last."""

    def is_free(self, number: int) -> bool:
        """Whether no file has the one with this *number*."""


READERS: dict[str, Callable[[Window], Units]] = {EXT: FreeBlocks, FAT: FreeClusters}


def left_behind(sight: Sight) -> tuple[tuple[Fault, ...], tuple[str, ...]]:
    """Return where in the free space of an image something lies, and what cannot be judged."""
    faults: list[Fault] = []
    unjudged: list[str] = []
    for place in sight.places:
        name = f"{place.disk}, {place.name}"
        try:
            faults += (Fault(name, what) for what in _in_place(place))
        except DamagedError as error:
            unjudged.append(f"{name}: its free space, since {error}")
        except NotImplementedError as error:
            unjudged.append(f"{name}: its free space ({error})")
    for disk in sight.disks:
        faults += (Fault(disk.name, what) for what in _between(disk))
    return tuple(faults), tuple(unjudged)


def _in_place(place: Place) -> Iterator[str]:
    """Raises NotImplementedError for a filesystem whose free space nobody here finds."""
    area, family = place.area, place.said.family
    if not area.size or not family:
        return
    with extents(area) as data, window(area.path, area.start, area.size) as source:
        if family == SWAP:
            yield from _told(sum(len(piece) for _, piece in data.pieces(HEADS, area.size)))
        elif reader := READERS.get(family):
            yield from _free(data, reader(source), numbered=family == EXT)
        elif family not in PACKED:
            raise NotImplementedError(family)


PACKED = tuple(row.family for row in FILESYSTEMS.values() if row.read_only)  # they have none


def _free(data: Extents, units: Units, *, numbered: bool) -> Iterator[str]:
    """Say how many free units are not zero, and where the first is. *numbered*: their numbers count
    from the beginning of the filesystem."""
    size, start = units.unit, units.place
    count, first, last = 0, -1, -1
    for at, piece in data.pieces(start, units.end):
        number = (at if numbered else at - start) // size
        begin = (number * size if numbered else number * size + start) - at
        for cut in range(begin, len(piece), size):
            part = piece[max(0, cut) : cut + size]
            if part.count(0) != len(part) and number != last and units.is_free(number):
                count, last = count + 1, number
                first = at + max(0, cut) if first < 0 else first
            number += 1
    if count:
        what = "1 free block is" if count == 1 else f"{count} free blocks are"
        yield f"{what} not zero ({show(count * size)}), the first at byte {data.area.start + first}"


def _told(count: int) -> Iterator[str]:
    if count:
        yield f"{show(count)} of swap space are not zero"


def _between(disk: SeenDisk) -> Iterator[str]:
    """Say what lies between partitions: the rest of those that were there before."""
    if not disk.table.partitions:
        return
    at = START
    ends = [(part.start, part.start + part.size) for part in disk.table.partitions]
    for start, end in [*ends, (disk.size - TABLE, disk.size)]:
        if at < start:
            with extents(Area(disk.raw, 0, disk.size)) as data:
                found = next(data.pieces(at, start), None)
            if found:
                yield f"between partitions something is not zero, from byte {found[0]} on"
                return
        at = max(at, end)
