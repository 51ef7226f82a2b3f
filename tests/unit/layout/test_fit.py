"""fitted(): sizes by what is in areas, and everything behind moves."""

from dataclasses import replace
from pathlib import Path

from appliance.errors import Where
from appliance.layout.areas import Area, Encrypted, Physical
from appliance.layout.fit import fitted
from appliance.layout.lvm import Device, PhysicalGroup, Run
from appliance.layout.place import CONTAINER
from appliance.units import MIB


def area(start: int, size: int, *, fits: bool = False, filesystem: str = "ext4") -> Area:
    return Area(start * MIB, size * MIB, filesystem, "u", f"/{start}", (), "", "",
                Where(Path("a.ks"), 1), fitted=fits)  # fmt: skip


def places(areas: tuple[Area, ...]) -> list[tuple[int, int]]:
    return [(each.start // MIB, each.size // MIB) for each in areas]


def need(_: Area) -> int:
    return 30 * MIB - 5


def test_what_follows_moves_up() -> None:
    areas = [area(1, 10), area(11, 100, fits=True), area(111, 10)]

    assert places(fitted(areas, need)) == [(1, 10), (11, 30), (41, 10)]


def test_an_extended_partition_ends_where_those_in_it_end() -> None:
    areas = [area(1, 10, fits=True), area(11, 120, filesystem=""), area(12, 50, fits=True),
             area(63, 68)]  # fmt: skip

    assert places(fitted(areas, need)) == [(1, 30), (31, 100), (32, 30), (63, 68)]


def test_a_group_keeps_what_was_free() -> None:
    unit = 4 * MIB
    runs = (Run("a", "u", 0, 0, 10), Run("b", "u", 0, 10, 5))
    group = PhysicalGroup("vg", "u", unit, (Device("u", 101 * MIB, 20),), runs)
    inside = (area(1, 40, fits=True), area(41, 20))
    held = replace(area(1, 101, fits=True, filesystem=""), physical=Physical(group, 0, inside))

    found = fitted([held], need)[0]

    assert found.physical is not None
    assert places(found.physical.areas) == [(1, 32), (33, 20)]
    assert [(run.first, run.extents) for run in found.physical.group.runs] == [(0, 8), (8, 5)]
    assert found.physical.group.devices[0] == Device("u", found.size, 18)
    assert found.size == (1 + 18 * 4) * MIB


def test_a_container_is_larger_than_what_is_in_it() -> None:
    encrypted = Encrypted("u", "luks-u", "env:A", "", "", 0, 0, 0)

    found = fitted([replace(area(1, 100, fits=True), encryption=encrypted)], need)[0]

    assert found.size == 30 * MIB + CONTAINER
