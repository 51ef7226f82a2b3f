"""Disks of every layout, read back by the programs that know partitions, volume groups and
filesystems; no mount, no device."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.units import MIB, SECTOR
from building import Yard

MBR = """\
clearpart --all --initlabel --disklabel=msdos
part /boot --fstype=ext4 --size=40
part swap --size=8
part /srv --fstype=vfat --size=40 --label=SRV
part pv.01 --size=200 --grow
part /data --fstype=ext2 --size=20
volgroup vg-1 pv.01 --pesize=8192 --reserved-space=20
logvol / --vgname=vg-1 --name=root --fstype=ext4 --size=61 --grow
logvol /var/log --vgname=vg-1 --name=log --fstype=ext4 --percent=30
logvol swap --vgname=vg-1 --name=more --fstype=swap --size=7
"""
TWO_DISKS = """\
part pv.01 --size=80 --ondisk=sda
part pv.02 --size=120 --ondisk=sdb
volgroup vg pv.01 pv.02
logvol / --vgname=vg --name=root --fstype=ext4 --size=64
logvol /srv --vgname=vg --name=srv --fstype=ext4 --size=100
"""


def ask(*words: str | Path) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Cut:
    """A part of a disk, as a file of its own; *start* is in the disk."""

    path: Path
    start: int
    size: int

    def part(self, start: int, size: int) -> "Cut":
        out = self.path.with_name(f"{self.path.name}-{start // SECTOR}")
        with self.path.open("rb") as file:
            file.seek(start)
            out.write_bytes(file.read(size))
        return Cut(out, self.start + start, size)

    @property
    def kind(self) -> str:
        return re.findall(r' TYPE="([^"]*)"', ask("blkid", "-p", self.path))[0]

    def text(self, path: str) -> str:
        ask("e2fsck", "-fn", self.path)
        return ask("debugfs", "-R", f"cat {path}", self.path)

    def logical(self) -> "dict[str, Cut]":
        """The logical volumes of one physical volume, as pvck reads its metadata."""
        assert "LABELONE" in ask("pvck", "--dump", "headers", self.path)
        text = ask("pvck", "--dump", "metadata", self.path)
        unit = int(re.findall(r"extent_size = (\d+)", text)[0]) * SECTOR
        own = re.findall(r' UUID="([^"]*)"', ask("blkid", "-p", self.path))[0]
        name = re.findall(rf'(pv\d+) {{\nid = "{own}"', text)[0]
        first = int(re.findall(r"pe_start = (\d+)", text)[0]) * SECTOR
        runs = re.findall(
            r'(\w+) {\nid = "[^{]*segment1 {[^}]*extent_count = (\d+)[^}]*"(pv\d+)", (\d+)', text
        )
        return {
            run: self.part(first + int(at) * unit, int(count) * unit)
            for run, count, device, at in runs
            if device == name
        }


def partitions(disk: Path) -> dict[int, Cut]:
    ask("sfdisk", "--verify", disk)
    table = json.loads(ask("sfdisk", "--json", disk))["partitiontable"]
    whole = Cut(disk, 0, disk.stat().st_size)
    return {
        int(str(each["node"]).removeprefix(str(disk))): whole.part(
            each["start"] * SECTOR, each["size"] * SECTOR
        )
        for each in table["partitions"]
        if each["type"] not in ("f", "5")
    }


def built(yard: Yard, layout: str, *words: str) -> dict[int, Cut]:
    yard.build(yard.recipe("hello", disk=layout), "-f", "raw", *words)
    return partitions(yard.image())


def test_a_volume_group_in_a_logical_partition_of_an_mbr(yard: Yard) -> None:
    found = built(yard, MBR, "--disk-size", "500MiB")

    assert {number: cut.kind for number, cut in found.items()} == {
        1: "ext4", 2: "swap", 3: "vfat", 5: "LVM2_member", 6: "ext2",
    }  # fmt: skip
    assert 'SEC_TYPE="msdos"' in ask("blkid", "-p", found[3].path) or found[3].kind == "vfat"
    inside = found[5].logical()
    assert {name: cut.kind for name, cut in inside.items()} == {
        "root": "ext4", "log": "ext4", "more": "swap",
    }  # fmt: skip
    assert inside["more"].size == 8 * MIB
    taken = sum(cut.size for cut in inside.values())
    assert 20 * MIB <= found[5].size - MIB - taken < 36 * MIB  # what is reserved, in whole extents
    table = inside["root"].text("/etc/fstab").splitlines()[1:]
    assert [line.split()[1:3] for line in table] == [
        ["/", "ext4"], ["/boot", "ext4"], ["/data", "ext2"], ["/srv", "vfat"],
        ["/var/log", "ext4"], ["none", "swap"], ["none", "swap"],
    ]  # fmt: skip
    for line, cut in zip(
        table,
        (inside["root"], found[1], found[6], found[3], inside["log"], found[2], inside["more"]),
        strict=True,
    ):
        assert line.split()[0].replace("UUID=", 'UUID="') in ask("blkid", "-p", cut.path)
    assert inside["root"].text("/usr/share/hello/hello.txt") == "hello\n"


def test_a_disk_as_small_as_what_is_in_it_allows(yard: Yard) -> None:
    found = built(yard, MBR, "--disk-size", "auto")
    inside = found[5].logical()

    assert inside["root"].text("/usr/share/hello/hello.txt") == "hello\n"
    said = ask("dumpe2fs", "-h", inside["root"].path)
    free, kept = (
        int(re.findall(rf"{name}:\s+(\d+)", said)[0]) * 4096
        for name in ("Free blocks", "Reserved block count")
    )
    assert 60 * MIB < free - kept < 90 * MIB
    assert found[6].kind == "ext2"
    assert found[6].start + found[6].size + MIB == yard.image().stat().st_size


def test_a_volume_group_on_two_disks(yard: Yard) -> None:
    one = built(yard, TWO_DISKS)[1].logical()
    two = partitions(yard.image(disk="sdb"))[1].logical()

    assert (list(one), list(two)) == (["root"], ["srv"])
    assert one["root"].text("/usr/share/hello/hello.txt") == "hello\n"
    assert two["srv"].size == 100 * MIB


def test_a_filesystem_in_another_one_in_the_root(yard: Yard) -> None:
    found = built(
        yard,
        "part /boot/efi --fstype=efi --size=64\npart /boot --fstype=ext4 --size=40\n"
        "part / --fstype=ext4 --size=64",
    )

    assert {number: cut.kind for number, cut in found.items()} == {1: "vfat", 2: "ext4", 3: "ext4"}
    for cut, empty in ((found[2], "/efi"), (found[3], "/boot")):
        assert "Mode:  0755" in ask("debugfs", "-R", f"stat {empty}", cut.path)
        listed = ask("debugfs", "-R", f"ls -p {empty}", cut.path).split()
        assert [line.split("/")[5] for line in listed] == [".", ".."]


@pytest.mark.parametrize(
    ("layout", "complaint", "hint"),
    [
        (TWO_DISKS.replace("size=100", "size=150"),
         "the logical volumes of vg need 216 MiB, the group has 192 MiB", "24 MiB more in a pv."),
        (TWO_DISKS.replace("size=100", "size=124").replace("size=64", "size=60"),
         "no physical volume of vg has 124 MiB in one piece for srv", "one larger pv."),
    ],
)  # fmt: skip
def test_a_group_without_room_is_refused(
    layout: str, complaint: str, hint: str, yard: Yard
) -> None:
    ended = yard.build(yard.recipe("hello", disk=layout), status=2)

    assert complaint in ended.err
    assert f"try: {hint}" in ended.err


def test_a_filesystem_is_made_before_its_disk_and_kept_nowhere_else(fresh_yard: Yard) -> None:
    recipe = fresh_yard.recipe("hello", disk=TWO_DISKS)
    ended = fresh_yard.build(recipe, "-f", "raw")
    kept = {
        json.loads(record.read_text())["gives"]
        for record in fresh_yard.store.glob("results/*/result.json")
    }

    done = ended.gives("StepFinished")
    first = done.index("filesystem:/")
    assert done[first : first + 4] == ["filesystem:/", "disk:sda", "filesystem:/srv", "disk:sdb"]
    assert {"disk:sda", "disk:sdb"} <= kept
    assert not [name for name in kept if name.startswith("filesystem:")]
    assert list((fresh_yard.store / "drafts").iterdir()) == []
    again = fresh_yard.build(recipe, "-f", "raw,qcow2")
    assert again.gives("StepFinished") == ["image:sda.qcow2", "image:sdb.qcow2"]


BOARD = """\
bootloader --location=none
clearpart --all --initlabel --disklabel=msdos
part /boot --fstype=vfat --size=40 --label=BOOT --asprimary
part / --fstype=ext4 --size=64 --asprimary
%post
mkdir -p /boot/overlays
echo enable_uart=1 > /boot/config.txt
echo root=/dev/mmcblk0p2 rootwait > /boot/cmdline.txt
echo small > "/boot/overlays/A name that is long.dtbo"
%end
"""


def test_a_boot_that_the_firmware_of_a_board_reads(yard: Yard) -> None:
    recipe = yard.recipe("hello", disk=BOARD)
    recipe.write_text(recipe.read_text().replace("bootloader --disabled\n", ""))
    yard.build(recipe, "-f", "raw")

    found = partitions(yard.image())
    table = json.loads(ask("sfdisk", "--json", yard.image()))["partitiontable"]
    listed = ask("mdir", "-b", "-/", "-i", found[1].path, "::").splitlines()
    assert table["label"] == "dos"
    assert [each["type"] for each in table["partitions"]] == ["c", "83"]
    assert {"::/config.txt", "::/cmdline.txt", "::/overlays/A name that is long.dtbo"} <= {*listed}
    assert ask("mtype", "-i", found[1].path, "::/config.txt") == "enable_uart=1\n"
    assert ask("mlabel", "-s", "-i", found[1].path, "::").strip() == "Volume label is BOOT"
    ask("fsck.vfat", "-n", found[1].path)
    assert "/boot vfat" in found[2].text("/etc/fstab")
    assert "config.txt" not in ask("debugfs", "-R", "ls -p /boot", found[2].path)
