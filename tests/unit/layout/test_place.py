"""place(): arithmetic, so exact numbers."""

from pathlib import Path

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout.fstab import fstab
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


def test_an_mbr_holds_four_partitions_and_no_bios_boot_partition() -> None:
    with pytest.raises(RecipeError, match="four partitions, this one has 5"):
        place("sda", [volume(f"/{name}", 10) for name in "abcde"], table="dos")
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


def test_fstab_is_by_uuid_and_by_mount_point_with_swap_last() -> None:
    volumes = [volume("", 10, fs="swap"), volume("/var", 1), volume("/", 1)]

    lines = fstab("demo", volumes).splitlines()[1:]

    assert [line.split()[1] for line in lines] == ["/", "/var", "none"]
    assert [line.split()[5] for line in lines] == ["1", "2", "0"]
    assert all(line.startswith("UUID=") for line in lines)
