"""Disks as small as what is in them allows: growing areas are measured, all others move up."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from appliance.layout.areas import Area, Physical
from appliance.layout.lvm import DATA_START, PhysicalGroup
from appliance.layout.place import CONTAINER, GRAIN
from appliance.units import align_up

Need = Callable[[Area], int]


def fitted(areas: Sequence[Area], need: Need) -> tuple[Area, ...]:
    """Return *areas* (in disk order) with those that are `fitted` in the size that *need* says, in
    bytes, and each moved to the end of the one before it. An extended partition, in which those
    after it lie, becomes as small as they.

    A volume group becomes smaller if it has one physical volume; larger ones stay as planned.
    """
    made, moved = [], 0
    for area in areas:
        smaller = _smaller(area, need)
        made.append(replace(smaller, start=area.start + moved))
        if not _inside(area, areas):
            moved += smaller.size - area.size
    return tuple(
        replace(new, size=new.size + _difference(_inside(old, areas), areas, made))
        for old, new in zip(areas, made, strict=True)
    )


def content_size(area: Area) -> int:
    """The bytes for what is in *area*: without what its container keeps, if it has one."""
    return area.size - _around(area)


def fitted_content_size(area: Area, need: int, *, unit: int = GRAIN) -> int:
    """The bytes for what is in *area*, which is fitted and needs *need* of them: such that fitted()
    makes the area just as large as that with its container. *unit* is what sizes are multiples of
    where it lies: the extent of a volume group."""
    whole = align_up(align_up(need, GRAIN) + _around(area), unit)
    return whole - _around(area)


def _around(area: Area) -> int:
    return CONTAINER if area.encryption else 0


def _inside(area: Area, areas: Sequence[Area]) -> list[Area]:
    """Return those of *areas* that lie in *area*."""
    end = area.start + area.size
    return [other for other in areas if area.start < other.start < end]


def _difference(some: Sequence[Area], areas: Sequence[Area], made: Sequence[Area]) -> int:
    pairs = zip(areas, made, strict=True)
    return sum(new.size - old.size for old, new in pairs if old in some)


def _smaller(area: Area, need: Need) -> Area:
    if not area.fitted:
        return area
    around = _around(area)
    if area.physical:
        physical = _group(area.physical, need)
        size = align_up(physical.group.devices[physical.number].size, GRAIN)
        return replace(area, physical=physical, size=size + around)
    return replace(area, size=align_up(need(area), GRAIN) + around)


def _group(physical: Physical, need: Need) -> Physical:
    """Make a volume group smaller: logical volumes follow each other, and what was free stays
    free."""
    group, unit = physical.group, physical.group.extent_size
    if len(group.devices) > 1:
        return physical
    free = group.devices[0].extents - sum(run.extents for run in group.runs)
    runs, areas, first = [], [], 0
    for run, area in zip(group.runs, physical.areas, strict=True):
        extents = align_up(_smaller(area, need).size, unit) // unit
        runs.append(replace(run, first=first, extents=extents))
        start = DATA_START + first * unit
        areas.append(replace(area, start=start, size=extents * unit))
        first += extents
    size = align_up(DATA_START + (first + free) * unit, GRAIN)
    device = replace(group.devices[0], size=size, extents=first + free)
    new: PhysicalGroup = replace(group, devices=(device,), runs=tuple(runs))
    return Physical(new, physical.number, tuple(areas))
