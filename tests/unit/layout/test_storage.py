"""The tree of what disks hold: joined from lines that know each other by name, and walked."""

from pathlib import Path

import pytest

from appliance.errors import RecipeError, Where
from appliance.layout.join import join
from appliance.layout.storage import (
    Bare,
    Encrypted,
    Filesystem,
    PhysicalVolume,
    Storage,
    Swap,
    opened,
    walk,
)
from appliance.recipe.model import Packages, Recipe
from appliance.recipe.reading.load import load
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings, VolumeGroup

LVM_IN_LUKS = """\
part biosboot --size=1
part swap --size=16
part pv.01 --size=2000 --encrypted --passphrase=secret
part pv.02 --size=2000 --encrypted --passphrase=secret
volgroup vg pv.02 pv.01
logvol swap --vgname=vg --name=swap --fstype=swap --size=100
logvol / --vgname=vg --name=root --fstype=ext4 --size=500 --encrypted --passphrase=secret
"""
BTRFS = """\
part btrfs.01 --size=2000 --fsoptions=noatime --label=old
btrfs none --label=fedora btrfs.01
btrfs / --subvol --name=root LABEL=fedora
btrfs /home --subvol --name=home LABEL=fedora
"""
ROOT = "part / --fstype=ext4 --size=900\n"
DISKS = """\
part / --fstype=ext4 --size=100 --ondisk=sda
part /srv --fstype=ext4 --size=100 --ondisk=sdb
part swap --size=100 --ondisk=sda
part swap --size=100 --ondisk=sda
"""


def storage(tmp_path: Path, layout: str, **more: dict[str, str]) -> Storage:
    path = tmp_path / "a.ks"
    path.write_text(f"repo --name=fedora-44\n{layout}%packages\n%end\n")
    return join(load(path), options=more.get("options"))


def test_a_walk_goes_through_containers_and_from_a_group_to_what_is_on_it(tmp_path: Path) -> None:
    found = list(walk(storage(tmp_path, LVM_IN_LUKS)))

    assert [(type(node.held), node.logical, len(node.containers)) for node in found] == [
        (Bare, "", 0),
        (Swap, "", 0),
        (Encrypted, "", 0),
        (PhysicalVolume, "", 1),
        (Encrypted, "", 0),
        (PhysicalVolume, "", 1),
        (Swap, "vg/swap", 2),
        (Encrypted, "vg/root", 2),
        (Filesystem, "vg/root", 3),
    ]
    outer = [node.held for node in found if isinstance(node.held, Encrypted) and not node.logical]
    assert found[-1].containers == (*outer, found[-2].held)
    assert len({one.uuid for one in found[-1].containers}) == 3


def test_a_partition_knows_which_physical_volume_of_its_group_it_is(tmp_path: Path) -> None:
    made = storage(tmp_path, LVM_IN_LUKS)
    [group] = made.groups

    held = [opened(partition.holds) for partition in made.disks[0].partitions]
    assert held[2:] == [PhysicalVolume("vg", 1), PhysicalVolume("vg", 0)]
    assert len(set(group.physical_volumes)) == 2


def test_a_btrfs_has_its_subvolumes_and_they_its_options(tmp_path: Path) -> None:
    [disk] = storage(tmp_path, BTRFS, options={"/": "x-grows"}).disks
    held = disk.partitions[0].holds

    assert isinstance(held, Filesystem)
    assert (held.kind, held.label, held.mount_point) == ("btrfs", "fedora", "")
    assert [(one.name, one.mount_point, one.mount_options) for one in held.subvolumes] == [
        ("root", "/", "noatime,x-grows"),
        ("home", "/home", "noatime"),
    ]


def test_an_option_is_added_once_and_beside_the_usual_ones(tmp_path: Path) -> None:
    def options(layout: str) -> str:
        held = storage(tmp_path, layout, options={"/": "x"}).disks[0].partitions[0].holds
        assert isinstance(held, Filesystem)
        return held.mount_options

    assert options("part / --fstype=ext4 --size=9\n") == "defaults,x"
    assert options("part / --fstype=ext4 --size=9 --fsoptions=x,ro\n") == "x,ro"


def test_disks_come_in_the_order_of_their_first_partitions_which_keep_that_of_their_lines(
    tmp_path: Path,
) -> None:
    made = storage(tmp_path, DISKS)

    assert [(disk.name, [one.order for one in disk.partitions]) for disk in made.disks] == [
        ("sda", [0, 2, 3]),
        ("sdb", [1]),
    ]
    uuids = [node.held.uuid for node in walk(made) if isinstance(node.held, Swap | Filesystem)]
    assert len(set(uuids)) == 4


def test_two_encrypted_swaps_have_a_container_each(tmp_path: Path) -> None:
    swap = "part swap --size=9 --encrypted --passphrase=secret\n"
    found = [node.held for node in walk(storage(tmp_path, f"{swap}{swap}{ROOT}"))]

    assert len({held.uuid for held in found if isinstance(held, Encrypted)}) == 2
    assert len({held.uuid for held in found if isinstance(held, Swap)}) == 2


def test_a_partition_holds_one_thing(tmp_path: Path) -> None:
    twice = f"{ROOT}part pv.01 --size=90\nvolgroup a pv.01\nvolgroup b pv.01\n"

    with pytest.raises(
        RecipeError, match="a.ks:5: the partition pv.01 is in use already"
    ) as caught:
        storage(tmp_path, twice)

    assert caught.value.hint


def test_a_member_that_no_line_makes_is_told_with_its_place() -> None:
    here = Where(Path("a.ks"), 3)
    recipe = Recipe(
        name="x",
        repositories=(),
        packages=Packages(),
        volumes=(),
        table="gpt",
        boot_loader=BootSettings(),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
        volume_groups=(VolumeGroup("vg", ("pv.01",), (), here),),
    )

    with pytest.raises(RecipeError, match="a.ks:3: no partition is called pv.01") as caught:
        join(recipe)

    assert caught.value.hint == "part pv.01 --size=2048"
