"""What Anaconda's own kickstart tests look for on disks, in built images;
docs/explanation/kickstart-tests.md has the table. Their sizes are a tenth here."""

import json
import re
from dataclasses import dataclass

import pytest
from tests.build.test_disk_layouts import Cut, ask

from appliance.units import MIB, SECTOR
from outcome_fixtures import Built, Make

LVM_TYPE = "E6D6D379-F507-44C2-A23C-238F2A3DF928"
LVM = """\
reqpart
part /boot --fstype=ext4 --size=50
part /tmp --fstype=tmpfs --size=5000
part pv.1 --fstype=lvmpv --size=454
volgroup fedora pv.1
logvol swap --name=swap --vgname=fedora --size=52 --fstype=swap
logvol / --name=root --vgname=fedora --size=400 --fstype=ext4 --fsoptions=loud,noatime
"""
PERCENT = """\
reqpart
part pv.1 --fstype=lvmpv --size=500
volgroup fedora pv.1
logvol swap --name=swap --vgname=fedora --percent=10 --fstype=swap
logvol / --name=root --vgname=fedora --percent=90 --fstype=ext4
"""
RESERVED = """\
reqpart --add-boot
part pv.01 --size=600
part pv.02 --size=150
volgroup vg1 pv.01 --reserved-percent=10
volgroup vg2 pv.02 --reserved-space=20
logvol swap --fstype=swap --name=swap --vgname=vg1 --size=100
logvol / --name=root --vgname=vg1 --size=400 --grow --label=root
logvol /home --name=home --vgname=vg2 --size=100 --grow
"""


@dataclass(frozen=True)
class Disk:
    """The physical volumes of a disk, each in a file of its own, and what is in them."""

    members: list[Cut]
    groups: list[dict[str, Cut]]


def read(built: Built) -> Disk:
    path = built.yard.image(built.name)
    parts = json.loads(ask("sfdisk", "--json", path))["partitiontable"]["partitions"]
    members = []
    for number, part in enumerate(parts):
        if part["type"] == LVM_TYPE:
            start, size = part["start"] * SECTOR, part["size"] * SECTOR
            cut = Cut(path.with_name(f"member-{number}"), start, size)
            ask("dd", f"if={path}", f"of={cut.path}", "bs=1M", f"skip={start // MIB}",
                f"count={size // MIB}", "conv=sparse", "status=none")  # fmt: skip
            members.append(cut)
    return Disk(members, [cut.logical() for cut in members])


def group_size(cut: Cut) -> int:
    """Of its extents, in bytes, as pvck reads it."""
    text = ask("pvck", "--dump", "metadata", cut.path)
    unit, count = (
        int(re.findall(rf"{key} = (\d+)", text)[0]) for key in ("extent_size", "pe_count")
    )
    return unit * 512 * count


def table(cut: Cut) -> list[list[str]]:
    lines = cut.text("/etc/fstab").splitlines()
    return [line.split() for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def logical(outcome: Make) -> Disk:
    return read(outcome("logical", "grep", disk=LVM))


def test_logical_volumes_have_the_sizes_that_are_said(logical: Disk) -> None:
    (found,) = logical.groups

    assert {name: cut.size // MIB for name, cut in found.items()} == {"root": 400, "swap": 52}
    assert found["root"].kind == "ext4"


def test_logical_volumes_are_mounted_by_uuid_with_their_options(logical: Disk) -> None:
    (found,) = logical.groups
    lines = {line[1]: line for line in table(found["root"]) if line[1] != "none"}
    (swap,) = [line for line in table(found["root"]) if line[1] == "none"]

    assert lines["/"][2:4] == ["ext4", "loud,noatime"]
    assert swap[2] == "swap"
    for line, cut in ((lines["/"], found["root"]), (swap, found["swap"])):
        assert line[0].replace("UUID=", 'UUID="') in ask("blkid", "-p", cut.path)


def test_a_filesystem_in_memory_is_in_the_table_alone(logical: Disk) -> None:
    (found,) = logical.groups

    assert ["tmpfs", "/tmp", "tmpfs", "defaults,size=5000m", "0", "0"] in table(found["root"])


def test_logical_volumes_have_the_shares_that_are_said(outcome: Make) -> None:
    built = read(outcome("percent", "grep", disk=PERCENT))
    (found,) = built.groups
    (whole,) = map(group_size, built.members)

    assert {name: round(cut.size * 100 / whole) for name, cut in found.items()} == {
        "root": 90, "swap": 10,
    }  # fmt: skip


@pytest.fixture(scope="module")
def reserved(outcome: Make) -> Disk:
    return read(outcome("reserved", "grep", disk=RESERVED))


def test_a_group_keeps_the_space_that_is_reserved(reserved: Disk) -> None:
    sizes = [group_size(cut) for cut in reserved.members]
    free = [
        size - sum(one.size for one in group.values())
        for size, group in zip(sizes, reserved.groups, strict=True)
    ]

    assert abs(free[0] - sizes[0] // 10) < 4 * MIB  # in whole extents
    assert free[1] == 20 * MIB


def test_what_the_firmware_needs_is_there_and_a_boot_partition(reserved: Disk) -> None:
    root = reserved.groups[0]["root"]

    assert "/boot" in [line[1] for line in table(root)]


def test_a_filesystem_is_the_distributions_own_if_none_is_said(reserved: Disk) -> None:
    root = reserved.groups[0]["root"]
    boot = next(line for line in table(root) if line[1] == "/boot")

    assert root.kind == "ext4"
    assert boot[2] == "ext4"
    assert 'LABEL="root"' in ask("blkid", "-p", root.path)
