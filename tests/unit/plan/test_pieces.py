"""What is to be on each disk, told from the plan alone: no program runs, nothing is built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.backends import families
from appliance.backends.package_managers.model import Lock
from appliance.errors import RecipeError
from appliance.layout.areas import Area, all_areas
from appliance.layout.place import CONTAINER
from appliance.packages.resolve import stored
from appliance.plan.make import Target, make_plan
from appliance.plan.model import Plan, repeatable
from appliance.plan.storage import storage_tools
from appliance.recipe.reading.load import load
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.steps.run_script import RunScript
from appliance.units import MIB

GPT = "clearpart --all --initlabel --disklabel=gpt\n"
MBR = "clearpart --all --initlabel --disklabel=msdos\n"
LVM_IN_LUKS = """\
part biosboot --size=1
part /boot --fstype=ext4 --size=100
part pv.01 --size=800 --encrypted --passphrase=secret --cipher=aes-xts-plain64
volgroup vg pv.01
logvol / --vgname=vg --name=root --fstype=ext4 --size=400 --label=root --mkfsoptions="-m 1"
logvol swap --vgname=vg --name=swap --fstype=swap --size=16
logvol /srv --vgname=vg --name=srv --fstype=xfs --size=320 --encrypted --passphrase=secret
"""
BTRFS = """\
part biosboot --size=1
part /boot --fstype=ext4 --size=100
part btrfs.01 --size=900 --fsoptions=compress=zstd:1
btrfs none --label=fedora btrfs.01
btrfs / --subvol --name=root LABEL=fedora
btrfs /home --subvol --name=home LABEL=fedora
"""
TWO_DISKS = """\
part biosboot --size=1 --ondisk=sda
part pv.01 --size=500 --ondisk=sda
part pv.02 --size=200 --ondisk=sdb
part /data --fstype=ext4 --size=50 --ondisk=sdb
volgroup vg pv.01 pv.02
logvol / --vgname=vg --name=root --fstype=ext4 --size=400
logvol /srv --vgname=vg --name=srv --fstype=ext4 --size=150
"""
MANY = "".join(f"part /{name} --fstype=ext4 --size=20\n" for name in ("a", "b", "c", "d"))
Planned = Callable[..., Plan]


@pytest.fixture
def planned(tmp_path: Path) -> Planned:
    def plan(
        layout: str, *, repository: str = "debian-trixie", target: Target | None = None
    ) -> Plan:
        path = tmp_path / "demo.ks"
        path.write_text(f"repo --name={repository}\nrootpw --lock\n{layout}%packages\n%end\n")
        recipe, target = load(path), target or Target()
        family, release = families.choose(recipe)
        return make_plan(
            recipe,
            stored(recipe, family, target),
            lock=Lock(family.name, release, (), 1, (), ()),
            target=target,
            versions=lambda tools: tuple((tool, "7.1") for tool in tools),
        )

    return plan


def disks(plan: Plan) -> list[AssembleDisk]:
    return [step for step in plan.steps if isinstance(step, AssembleDisk)]


def areas(disk: AssembleDisk) -> list[Area]:
    """What each partition holds, in disk order."""
    return [piece.area for piece in disk.pieces]


def script(plan: Plan, name: str) -> str:
    [body] = [s.body for s in plan.steps if isinstance(s, RunScript) and s.name == name]
    return body


def test_a_bios_boot_partition_is_bare(planned: Planned) -> None:
    [disk] = disks(planned(GPT + LVM_IN_LUKS))
    bare = areas(disk)[0]

    assert disk.pieces[0].type_id == "21686148-6449-6E6F-744E-656564454649"
    assert (bare.start, bare.size, bare.filesystem, bare.uuid) == (MIB, MIB, "", "")
    assert bare.physical is bare.encryption is None


def test_a_group_in_a_container_is_as_large_as_the_container_leaves(planned: Planned) -> None:
    [disk] = disks(planned(GPT + LVM_IN_LUKS))
    held = areas(disk)[2]

    assert (held.size, held.filesystem, held.uuid) == (800 * MIB, "", "")
    assert held.encryption is not None
    assert held.encryption.name == f"luks-{held.encryption.uuid}"
    assert held.encryption.cipher == "aes-xts-plain64"
    assert held.encryption.source.endswith("demo.ks:6")
    assert held.physical is not None
    assert held.physical.group.devices[0].size == 800 * MIB - CONTAINER


def test_logical_volumes_lie_in_their_physical_one_each_with_what_it_holds(
    planned: Planned,
) -> None:
    [disk] = disks(planned(GPT + LVM_IN_LUKS))
    held = areas(disk)[2].physical
    assert held is not None
    root, swap, data = held.areas

    assert (root.start, root.size) == (MIB, 400 * MIB)
    assert (root.filesystem, root.mount_point, root.label) == ("ext4", "/", "root")
    assert (root.options, root.hidden) == ("-m 1", ("/boot", "/srv"))
    assert (swap.filesystem, swap.mount_point, swap.start) == ("swap", "", 401 * MIB)
    assert data.encryption is not None
    assert (data.filesystem, data.size) == ("xfs", 320 * MIB)
    assert len({one.uuid for one in (root, swap, data)}) == 3


def test_what_is_encrypted_is_secret_and_not_repeatable_however_deep_it_is(
    planned: Planned,
) -> None:
    deep = LVM_IN_LUKS.replace("--size=800 --encrypted --passphrase=secret", "--size=800")
    [disk] = disks(planned(GPT + deep.replace("--cipher=aes-xts-plain64", "")))
    [plain] = disks(planned(GPT + TWO_DISKS.replace("sdb", "sda")))

    assert [bool(area.encryption) for area in areas(disk)] == [False, False, False]
    assert (disk.secret, disk.repeatable) == (True, False)
    assert (plain.secret, plain.repeatable) == (False, True)


def test_the_system_opens_what_the_plan_encrypts(planned: Planned) -> None:
    plan = planned(GPT + LVM_IN_LUKS)
    [disk] = disks(plan)
    outer, inner = (area.encryption for area in disk.areas() if area.encryption)
    settings = script(plan, "settings")

    early = "none luks,discard,initramfs,x-initrd.attach"
    assert f"{outer.name} UUID={outer.uuid} {early}\n" in settings
    assert f"{inner.name} UUID={inner.uuid} none luks,discard\n" in settings
    for area in disk.areas():
        if area.uuid:
            assert f"UUID={area.uuid} " in settings


def test_a_btrfs_is_filled_subvolume_by_subvolume(planned: Planned) -> None:
    plan = planned(GPT + BTRFS, repository="fedora-44")
    [disk] = disks(plan)
    held = areas(disk)[2]

    assert (held.filesystem, held.mount_point, held.label) == ("btrfs", "", "fedora")
    assert held.mount_options == "compress=zstd:1"
    assert [(one.name, one.mount_point, one.hidden) for one in held.subvolumes] == [
        ("root", "/", ("/boot", "/home")),
        ("home", "/home", ()),
    ]
    assert held.way == "mkfs"
    drawn = [step.gives for step in plan.steps if not repeatable(step)]
    assert disk in plan.above(drawn)


def test_the_filesystems_of_a_group_are_on_the_disks_that_have_room(planned: Planned) -> None:
    first, second = disks(planned(GPT + TWO_DISKS))

    held = [area.physical for disk in (first, second) for area in areas(disk) if area.physical]
    assert [one.number for one in held] == [0, 1]
    assert [[area.mount_point for area in one.areas] for one in held] == [["/"], ["/srv"]]
    assert held[0].group == held[1].group
    assert [device.size // MIB for device in held[0].group.devices] == [500, 200]
    assert [area.mount_point for area in areas(second)] == ["", "/data"]
    assert first.identity != second.identity


def test_logical_partitions_lie_in_an_extended_one_that_is_bare(planned: Planned) -> None:
    [disk] = disks(planned(f"{MBR}part / --fstype=ext4 --size=600\n{MANY}"))
    extended = areas(disk)[3]

    assert [piece.number for piece in disk.pieces] == [1, 2, 3, 4, 5, 6]
    assert (disk.pieces[3].type_id, extended.filesystem, extended.uuid) == ("f", "", "")
    assert all(extended.start < area.start for area in areas(disk)[4:])


def test_only_what_grows_and_holds_something_becomes_as_small_as_what_is_in_it(
    planned: Planned,
) -> None:
    layout = (
        f"{GPT}part biosboot --size=1 --grow\npart /boot --fstype=ext4 --size=100\n"
        "part pv.01 --size=800 --grow\nvolgroup vg pv.01\n"
        "logvol / --vgname=vg --name=root --fstype=ext4 --size=500 --grow\n"
        "logvol /srv --vgname=vg --name=srv --fstype=ext4 --percent=10\n"
        "logvol /var --vgname=vg --name=var --fstype=ext4 --size=100\n"
    )

    def fitted(target: Target) -> list[bool]:
        return [area.fitted for disk in disks(planned(layout, target=target))
                for area in all_areas(areas(disk))]  # fmt: skip

    assert fitted(Target(fitted=True)) == [False, False, True, True, True, False]
    assert not any(fitted(Target()))


def test_a_disk_is_as_large_as_it_is_asked_to_be_or_as_what_grows_needs(planned: Planned) -> None:
    layout = f"{GPT}part biosboot\npart / --fstype=ext4 --size=600 --grow\n"

    def size(text: str, target: Target) -> int:
        return disks(planned(text, target=target))[0].size // MIB

    assert size(layout, Target()) == 603
    assert size(layout, Target(disk_size=2000 * MIB)) == 2000
    assert size(layout, Target(disk_size=2000 * MIB, fitted=True)) == 603
    assert size(layout.replace("600", "1"), Target()) == 10 * 1024 + 2
    assert size(layout, Target(whole=100 * MIB)) == 700


def test_options_that_are_not_for_an_image_are_refused_with_their_line(planned: Planned) -> None:
    layout = LVM_IN_LUKS.replace("-m 1", "-d /etc")

    with pytest.raises(RecipeError, match="demo.ks:8: --mkfsoptions: '-d /etc'"):
        planned(GPT + layout)


@pytest.mark.parametrize(
    ("layout", "wanted", "not_wanted"),
    [
        (LVM_IN_LUKS, {"mke2fs", "mkfs.xfs", "mkswap", "cryptsetup"}, {"mkfs.btrfs"}),
        (BTRFS, {"mke2fs", "mkfs.btrfs"}, {"cryptsetup", "mkswap"}),
        (TWO_DISKS, {"mke2fs"}, {"cryptsetup", "mkswap", "mkfs.xfs"}),
    ],
)
def test_the_programs_are_those_that_make_what_is_there(
    layout: str, wanted: set[str], not_wanted: set[str], tmp_path: Path, planned: Planned
) -> None:
    plan = planned(GPT + layout)
    recipe = load(tmp_path / "demo.ks")
    tools = set(storage_tools(stored(recipe, families.KNOWN["debian"], Target())))

    assert wanted <= tools
    assert not tools & not_wanted
    made = [step for step in plan.steps if isinstance(step, FillFilesystem | AssembleDisk)]
    assert {name for step in made for name, _ in step.tools} == {"sfdisk", *tools}


def test_scripts_find_the_partitions_that_the_image_has_by_uuid_and_label(
    planned: Planned,
) -> None:
    plan = planned(f"{GPT}{BTRFS}part swap --size=9 --label=more\n%post\ntrue\n%end\n")
    [post] = [step for step in plan.steps if isinstance(step, RunScript) and step.name == "post-1"]
    found = dict(post.devices)
    _, boot, held, swap = areas(disks(plan)[0])

    assert {name for name in found if name.startswith("sda")} == {
        "sda", "sda1", "sda2", "sda3", "sda4",
    }  # fmt: skip
    for number, area in ((2, boot), (3, held), (4, swap)):
        assert found[f"disk/by-uuid/{area.uuid}"] == f"../../sda{number}"
    assert found["disk/by-label/fedora"] == "../../sda3"
    assert found["disk/by-label/more"] == "../../sda4"
    assert len([name for name in found if name.startswith("disk/by-uuid/")]) == 3
