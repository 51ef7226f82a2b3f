"""place(): arithmetic, so exact numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout.place import disks, place
from appliance.recipe.volumes import Volume
from appliance.units import MIB


def volume(
    mount_point: str, size_mib: int, *, fs: str = "ext4", grow: bool = False, most_mib: int = 0
) -> Volume:
    return Volume(
        mount_point,
        fs,
        size_mib * MIB,
        "sda",
        Where(Path("a.ks"), 7),
        grow=grow,
        maximum=most_mib * MIB,
    )


def test_partitions_follow_each_other_from_the_first_mib() -> None:
    layout = place("sda", [volume("/boot", 100), volume("/", 200)], table="gpt")

    assert [(slot.number, slot.start, slot.size) for slot in layout.slots] == [
        (1, 1 * MIB, 100 * MIB),
        (2, 101 * MIB, 200 * MIB),
    ]
    assert layout.size == 302 * MIB


def test_growing_volumes_share_what_is_left() -> None:
    parts = [volume("/", 10, grow=True), volume("/var", 10, grow=True), volume("/home", 10)]

    layout = place("sda", parts, table="gpt", disk_size=61 * MIB)

    assert [slot.size // MIB for slot in layout.slots] == [25, 24, 10]


def test_a_maximum_is_kept_and_its_share_goes_to_the_others() -> None:
    parts = [volume("/", 10, grow=True, most_mib=12), volume("/var", 10, grow=True)]

    layout = place("sda", parts, table="gpt", disk_size=62 * MIB)

    assert [slot.size // MIB for slot in layout.slots] == [12, 48]


def test_a_volume_that_only_grows_starts_at_the_least_its_filesystem_can_be() -> None:
    layout = place("sda", [volume("/", 0, grow=True)], table="gpt")

    assert layout.slots[0].size == 16 * MIB


def test_too_small_a_disk_names_both_sizes_and_the_line() -> None:
    with pytest.raises(RecipeError) as caught:
        place("sda", [volume("/", 100)], table="gpt", disk_size=50 * MIB)

    assert "a.ks:7: the partitions of sda need 102 MiB, the disk has 50 MiB" in str(caught.value)


def test_an_mbr_holds_more_than_four_partitions_in_an_extended_one() -> None:
    parts = [volume(f"/{name}", 10) for name in "abcde"]

    layout = place("sda", parts, table="dos", disk_size=100 * MIB)

    found = [
        (slot.number, slot.start // MIB, slot.size // MIB, slot.type_id) for slot in layout.slots
    ]
    assert found == [
        (1, 1, 10, "83"), (2, 11, 10, "83"), (3, 21, 10, "83"), (4, 31, 22, "f"),
        (5, 32, 10, "83"), (6, 43, 10, "83"),
    ]  # fmt: skip


def test_those_that_ask_for_it_are_primary() -> None:
    parts = [volume(f"/{name}", 10) for name in "abcde"]
    parts[4] = replace(parts[4], primary=True)

    layout = place("sda", parts, table="dos")

    primary = [slot.volume.mount_point for slot in layout.slots if slot.number < 4]
    assert primary == ["/a", "/b", "/e"]
    with pytest.raises(RecipeError, match="holds three primary ones, 5 are to be primary"):
        place("sda", [replace(part, primary=True) for part in parts], table="dos")


def test_an_mbr_has_no_bios_boot_partition() -> None:
    with pytest.raises(RecipeError, match="belongs on a GPT"):
        place("sda", [volume("", 1, fs="biosboot")], table="dos")


def test_partition_types_say_what_is_in_them() -> None:
    parts = [volume("", 1, fs="biosboot"), volume("/boot/efi", 64, fs="efi"), volume("/", 10)]

    gpt = place("sda", parts, table="gpt")
    dos = place("sda", parts[1:], table="dos")

    assert [slot.type_id[:8] for slot in gpt.slots] == ["21686148", "C12A7328", "4F68BCE3"]
    assert [slot.type_id for slot in dos.slots] == ["ef", "83"]


def test_disks_come_in_the_order_of_the_recipe() -> None:
    second = Volume("/srv", "ext4", MIB, "sdb", Where(Path("a.ks"), 8))

    assert disks([volume("/", 1), second, volume("/var", 1)]) == ("sda", "sdb")
