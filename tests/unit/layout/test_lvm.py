"""Volume groups: who lies where, by exact numbers, and the bytes of their labels."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout import lvm
from appliance.layout.identity import lvm_id
from appliance.layout.storage import Filesystem, LogicalVolume, VolumeGroup
from appliance.units import MIB

HERE = Where(Path("a.ks"), 9)


def logical(
    name: str, size_mib: int = 0, *, percent: int = 0, grow: bool = False, most_mib: int = 0
) -> LogicalVolume:
    return LogicalVolume(
        name=name,
        uuid=lvm_id("x", "logical volume", "vg", name),
        where=HERE,
        size=size_mib * MIB,
        holds=Filesystem("ext4", name, f"/{name}"),
        grow=grow,
        maximum=most_mib * MIB,
        percent=percent,
    )


def group(*volumes: LogicalVolume, members: int = 1) -> VolumeGroup:
    physical = tuple(lvm_id("x", "physical volume", f"pv.{n}") for n in range(members))
    return VolumeGroup("vg", lvm_id("x", "group", "vg"), HERE, physical, volumes, 4 * MIB)


def extents(found: lvm.PhysicalGroup) -> dict[str, tuple[int, int, int]]:
    return {run.name: (run.device, run.first, run.extents) for run in found.runs}


def test_sizes_are_rounded_up_to_extents_and_follow_each_other() -> None:
    found = lvm.lay_out(group(logical("a", 10), logical("b", 8)), [101 * MIB])

    assert extents(found) == {"a": (0, 0, 3), "b": (0, 3, 2)}
    assert found.place(found.runs[1]) == (13 * MIB, 8 * MIB)


def test_percent_is_of_what_those_with_a_size_leave_and_the_rest_grows_up_to_its_maximum() -> None:
    volumes = (
        logical("fixed", 200), logical("tenth", percent=10), logical("grows", 40, grow=True),
        logical("little", 40, grow=True, most_mib=44),
    )  # fmt: skip

    found = lvm.lay_out(group(*volumes), [401 * MIB])

    assert {name: run[2] for name, run in extents(found).items()} == {
        "fixed": 50, "tenth": 3, "grows": 36, "little": 11,
    }  # fmt: skip


def test_reserved_space_stays_free() -> None:
    volumes = group(logical("a", 40, grow=True))

    def taken(**more: int) -> int:
        return lvm.lay_out(replace(volumes, **more), [401 * MIB]).runs[0].extents

    assert taken() == 100
    assert taken(reserved=10 * MIB) == 97
    assert taken(reserved_percent=15) == 85


def test_each_lies_in_one_piece_on_the_first_device_with_room() -> None:
    found = lvm.lay_out(
        group(logical("a", 60), logical("b", 60), logical("c", 36), members=2), [101 * MIB] * 2
    )

    assert extents(found) == {"a": (0, 0, 15), "b": (1, 0, 15), "c": (0, 15, 9)}


@pytest.mark.parametrize(
    ("volumes", "problem"),
    [
        ((logical("a", 300),), "the logical volumes of vg need 300 MiB, the group has 200 MiB"),
        ((logical("a", 120),), "no physical volume of vg has 120 MiB in one piece for a"),
        ((logical("a", 200), logical("b", percent=50)), "need 204 MiB, the group has 200 MiB"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(
    volumes: tuple[LogicalVolume, ...], problem: str
) -> None:
    with pytest.raises(RecipeError, match=f"a.ks:9.*{problem}"):
        lvm.lay_out(group(*volumes, members=2), [101 * MIB] * 2)


def test_the_least_that_a_group_needs() -> None:
    assert lvm.least(group(logical("a", 10), logical("b", percent=50))) == (1 + 12 + 16) * MIB


def test_the_same_group_has_the_same_bytes_and_another_recipe_other_ids() -> None:
    one, again = (lvm.lay_out(group(logical("a", 10)), [101 * MIB]) for _ in range(2))

    assert lvm.header(one, 0, 7) == lvm.header(again, 0, 7)
    assert lvm_id("x", "group", "vg") != lvm_id("y", "group", "vg")
    assert lvm.shown(one.uuid).count("-") == 6


def test_the_checksum_is_that_of_lvm() -> None:
    assert lvm.crc(b"") == 0xF597A6CF  # INITIAL_CRC of its lib/misc/crc.h
    assert lvm.crc(b"a") != lvm.crc(b"")
