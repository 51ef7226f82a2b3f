"""place(): arithmetic, so exact numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout.model import DiskLayout
from appliance.layout.place import ROOTS, place, type_id
from appliance.layout.storage import Bare, Disk, Encrypted, Filesystem, Partition, PhysicalVolume
from appliance.recipe.volumes import Encryption
from appliance.units import MIB


def partition(
    mount_point: str, size_mib: int, *, fs: str = "ext4", grow: bool = False, most_mib: int = 0
) -> Partition:
    return Partition(
        where=Where(Path("a.ks"), 7),
        size=size_mib * MIB,
        holds=Filesystem(fs, f"uuid {mount_point}", mount_point),
        grow=grow,
        maximum=most_mib * MIB,
    )


def bare(kind: str) -> Partition:
    return Partition(Where(Path("a.ks"), 7), MIB, Bare(kind))


def placed(
    parts: list[Partition], *, table: str = "gpt", size_mib: int | None = None
) -> DiskLayout:
    size = None if size_mib is None else size_mib * MIB
    return place(Disk("sda", table, tuple(parts), size))


def test_partitions_follow_each_other_from_the_first_mib() -> None:
    layout = placed([partition("/boot", 100), partition("/", 200)], table="gpt")

    assert [(slot.number, slot.start, slot.size) for slot in layout.slots] == [
        (1, 1 * MIB, 100 * MIB),
        (2, 101 * MIB, 200 * MIB),
    ]
    assert layout.size == 302 * MIB


def test_growing_volumes_share_what_is_left() -> None:
    parts = [
        partition("/", 10, grow=True),
        partition("/var", 10, grow=True),
        partition("/home", 10),
    ]

    layout = placed(parts, table="gpt", size_mib=61)

    assert [slot.size // MIB for slot in layout.slots] == [25, 24, 10]


def test_a_maximum_is_kept_and_its_share_goes_to_the_others() -> None:
    parts = [partition("/", 10, grow=True, most_mib=12), partition("/var", 10, grow=True)]

    layout = placed(parts, table="gpt", size_mib=62)

    assert [slot.size // MIB for slot in layout.slots] == [12, 48]


def test_a_volume_that_only_grows_starts_at_the_least_its_filesystem_can_be() -> None:
    layout = placed([partition("/", 0, grow=True)], table="gpt")

    assert layout.slots[0].size == 16 * MIB


def test_too_small_a_disk_names_both_sizes_and_the_line() -> None:
    with pytest.raises(RecipeError) as caught:
        placed([partition("/", 100)], table="gpt", size_mib=50)

    assert "a.ks:7: the partitions of sda need 102 MiB, the disk has 50 MiB" in str(caught.value)


def test_an_mbr_holds_more_than_four_partitions_in_an_extended_one() -> None:
    parts = [partition(f"/{name}", 10) for name in "abcde"]

    layout = placed(parts, table="dos", size_mib=100)

    found = [
        (slot.number, slot.start // MIB, slot.size // MIB, slot.type_id) for slot in layout.slots
    ]
    assert found == [
        (1, 1, 10, "83"), (2, 11, 10, "83"), (3, 21, 10, "83"), (4, 31, 22, "f"),
        (5, 32, 10, "83"), (6, 43, 10, "83"),
    ]  # fmt: skip


def test_those_that_ask_for_it_are_primary() -> None:
    parts = [partition(f"/{name}", 10) for name in "abcde"]
    parts[4] = replace(parts[4], primary=True)

    layout = placed(parts, table="dos")

    held = [slot.partition.holds for slot in layout.slots if slot.number < 4]
    primary = [each.mount_point for each in held if isinstance(each, Filesystem)]
    assert primary == ["/a", "/b", "/e"]
    with pytest.raises(RecipeError, match="holds three primary ones, 5 are to be primary"):
        placed([replace(part, primary=True) for part in parts], table="dos")


def test_an_mbr_has_no_bios_boot_partition() -> None:
    with pytest.raises(RecipeError, match="belongs on a GPT"):
        placed([bare("biosboot")], table="dos")


def test_partition_types_say_what_is_in_them() -> None:
    parts = [bare("biosboot"), partition("/boot/efi", 64, fs="efi"), partition("/", 10)]

    gpt = placed(parts, table="gpt")
    dos = placed(parts[1:], table="dos")

    assert [slot.type_id[:8] for slot in gpt.slots] == ["21686148", "C12A7328", "4F68BCE3"]
    assert [slot.type_id for slot in dos.slots] == ["ef", "83"]


def test_what_a_partition_holds_says_its_type_whatever_is_around_it() -> None:
    inside = PhysicalVolume("vg", 0)
    plain = Partition(Where(Path("a.ks"), 7), MIB, inside)
    encrypted = replace(plain, holds=Encrypted("u", Encryption("env:A"), inside))
    asked = replace(plain, type_id="8E00")

    found = [type_id(one, table="gpt", architecture="x86_64") for one in (plain, encrypted, asked)]
    assert [one[:8] for one in found] == ["E6D6D379", "E6D6D379", "8E00"]


def test_what_is_mounted_at_the_root_has_its_type_whatever_it_is() -> None:
    parts = [partition("/", 200, fs=kind) for kind in ("ext4", "btrfs")]
    encrypted = replace(parts[0], holds=Encrypted("u", Encryption("env:A"), parts[0].holds))

    for one in (*parts, encrypted):
        assert type_id(one, table="gpt", architecture="x86_64") == ROOTS["x86_64"]
        assert type_id(one, table="dos", architecture="x86_64") == "83"


def test_the_first_physical_volume_has_room_for_its_group_and_for_the_container_around() -> None:
    here = Where(Path("a.ks"), 7)
    parts = [
        Partition(here, 0, Encrypted("u", Encryption("env:A"), PhysicalVolume("vg", 0))),
        Partition(here, 0, PhysicalVolume("vg", 1)),
    ]

    layout = place(Disk("sda", "gpt", tuple(parts)), least={"vg": 100 * MIB})

    assert [slot.size // MIB for slot in layout.slots] == [116, 8]


def test_partitions_that_are_there_keep_their_numbers_and_places() -> None:
    kept = replace(partition("/boot", 10), number=15, start=7 * MIB)
    first = replace(bare("biosboot"), number=14, start=MIB)
    disk = Disk("sda", "gpt", (first, kept, partition("/", 1, grow=True)), least=100 * MIB)
    layout = place(disk)

    found = [(slot.number, slot.start // MIB, slot.size // MIB) for slot in layout.slots]
    assert found == [(14, 1, 1), (15, 7, 10), (1, 17, 82)]
    assert layout.size == 100 * MIB


def test_no_logical_partition_is_kept() -> None:
    parts = [replace(partition("/", 10), number=5, start=MIB)]

    with pytest.raises(RecipeError, match="would be a logical one") as refusal:
        placed(parts, table="dos")
    assert "mklabel gpt" in refusal.value.hint


def test_a_disk_that_needs_more_than_its_least_is_larger() -> None:
    parts = (partition("/", 300), partition("/srv", 1, grow=True))

    assert place(Disk("sda", "gpt", parts, least=100 * MIB)).size == 303 * MIB
