"""What %pre scripts decide: the partitions that they make, and the lines that they write."""

import json
import subprocess
from pathlib import Path

import pytest

from appliance.backends.families.known import RPM_KNOWN
from appliance.creation.before import read
from appliance.engine.run_plan import Manner, build
from appliance.packages.resolve import stored
from appliance.plan.before import before
from appliance.plan.make import Target
from appliance.plan.scripts import Terms
from appliance.plan.storage import lay_out
from appliance.recipe.model import Recipe
from appliance.recipe.overrides import Overrides
from appliance.store.results import Store
from building import Yard

MIB = 1024 * 1024
TABLES = {
    "parted": """\
parted -s /dev/vda -- mklabel gpt
parted -s -a optimal /dev/vda -- mkpart grub 1MiB 2MiB set 1 bios_grub on
parted -s -a optimal /dev/vda -- mkpart spare 2MiB 12MiB
parted -s -a optimal /dev/vda -- mkpart root ext4 12MiB 100%
""",
    "sgdisk": """\
sgdisk --clear /dev/vda
sgdisk -n 1:2048:+1M -t 1:EF02 -n 2:0:+10M -n 3:0:0 /dev/vda
""",
    "sfdisk": """\
printf 'label: gpt\\nsize=1MiB, type=21686148-6449-6E6F-744E-656564454649\\nsize=10MiB\\n,\\n' |
    sfdisk /dev/vda
""",
}
ON_IT = "part biosboot --onpart=vda1\npart / --fstype=ext4 --onpart=vda3"


def table(disk: Path) -> list[tuple[int, int, int]]:
    """The partitions of an image: number, start and size in MiB."""
    said = subprocess.run(["sfdisk", "--json", disk], check=True, capture_output=True, text=True)
    found = json.loads(said.stdout)["partitiontable"]["partitions"]
    return [
        (int(one["node"].removeprefix(str(disk))), one["start"] // 2048, one["size"] // 2048)
        for one in found
    ]


@pytest.mark.parametrize("program", TABLES)
def test_partitions_are_where_a_pre_made_them(yard: Yard, program: str) -> None:
    start = "set -e\ndd if=/dev/zero of=/dev/vda bs=512 count=1\n"
    pre = f"%pre --erroronfail\n{start}{TABLES[program]}%end\n"
    recipe = yard.recipe(more=pre, disk=ON_IT)

    yard.build(recipe, "-f", "raw", "--disk-size", "100MiB")

    image = yard.image(disk="vda")
    assert image.stat().st_size == 100 * MIB
    assert table(image) == [(1, 1, 1), (2, 2, 10), (3, 12, 87)]
    subprocess.run(["e2fsck", "-fn", f"{image}?offset={12 * MIB}"], check=True)


WRITES = """\
%include /tmp/disk.ks
%pre --interpreter=/usr/bin/python3 --erroronfail
import subprocess
disk = subprocess.check_output(["list-harddrives"], text=True).split()[0]
open("/tmp/disk.ks", "w").write(f"part / --fstype=ext4 --size=70 --ondisk={disk}\\n")
open("/tmp/found", "w").write("%include /tmp/last.ks\\n")
%end
%pre
udevadm settle && partprobe /dev/sda && test "$(blockdev --getsize64 /dev/sda)" -gt 1000000
echo "%include /tmp/found" >> /tmp/disk.ks
echo "lang C.UTF-8" > /tmp/last.ks
%end
"""


def test_what_a_pre_writes_is_included(somebody: Yard) -> None:
    recipe = somebody.recipe(more=WRITES, disk="")

    somebody.build(recipe, "-f", "raw")

    assert table(somebody.image()) == [(1, 1, 70)]
    again = somebody.build(recipe, "-f", "raw")
    assert "files:pre" in again.gives("StepReused")
    kept = somebody.run("check", recipe)
    assert (kept.status, "/tmp/disk.ks is what a %pre writes" in kept.out) == (0, True)


@pytest.mark.parametrize(
    ("pre", "complaint", "advice"),
    [
        ("exit 3", "%pre failed", "--disk-size"),
        ("sgdisk -n 1:0:+90G /dev/vda", "%pre failed", "--disk-size"),
        ("true", "tiny.ks:2: no %pre made vda1: /dev/vda has no partitions", "--size=MIB instead"),
    ],
)
def test_a_pre_that_makes_nothing_is_told(
    yard: Yard, pre: str, complaint: str, advice: str
) -> None:
    more = f"%pre --erroronfail\n{pre}\n%end\n"
    recipe = yard.recipe(more=more, disk="part / --fstype=ext4 --onpart=vda1")

    done = yard.build(recipe, "-f", "raw", status=4 if "failed" in complaint else 2)

    assert complaint in done.err
    assert advice in done.err
    assert yard.leftovers() == []


def test_the_advice_for_them_works(yard: Yard) -> None:
    more = "%pre --erroronfail\nsgdisk -n 1:0:+12G /dev/vda\n%end\n"
    recipe = yard.recipe(more=more, disk="part / --fstype=ext4 --onpart=vda1")
    larger = yard.run("plan", recipe, "--disk-size", "20GiB")
    assert larger.status == 0, larger.err

    recipe = yard.recipe(more="%pre\ntrue\n%end\n", disk="part / --fstype=ext4 --size=80")
    assert yard.run("plan", recipe).status == 0


def test_a_pre_that_runs_early_cannot_reach_the_host(somebody: Yard) -> None:
    bait = somebody.place / "bait"
    bait.write_text("precious\n")
    pre = f"""\
%pre --interpreter=/bin/bash
echo x > {bait}
rm -f {bait}
for disk in /dev/*; do [ -b "$disk" ] && echo "block $disk" >> /tmp/found; done
mknod /dev/real b 254 0 && echo made >> /tmp/found
mount -o remount,rw / && echo mounted >> /tmp/found
ln -s /etc/passwd /tmp/link.ks
ln -sf /etc/shadow /run/disks/sda
{{ echo "part / --size=70 --fstype=ext4"; sed 's/^/# /' /tmp/found; }} > /tmp/disk.ks
%end
"""
    recipe = somebody.recipe(more=f"%include /tmp/disk.ks\n{pre}", disk="")

    done = somebody.build(recipe, "-f", "raw")

    assert bait.read_text() == "precious\n"
    assert "root:x:0:0" not in done.said
    assert not any(word in done.said for word in ("block /dev", "# made", "# mounted"))
    linked = somebody.recipe(more=f"%include /tmp/link.ks\n{pre}", name="linked")
    refused = somebody.run("plan", linked)
    assert (refused.status, "no %pre wrote /tmp/link.ks" in refused.err) == (2, True)


KICKSTARTS = Path(__file__).parents[1] / "data/before"
MADE = {
    "cloud.ks": [(1, 1, 1), (2, 2, 200), (3, 202, 1024), (4, 1226, 9013)],
    "lvm.ks": [(1, 1, 99), (2, 100, 1000), (3, 1100, 4), (4, 1104, 1), (5, 1106, 9133)],
    "vagrant.ks": [(1, 1, 1024), (2, 1025, 19457)],
}  # number, start and size in MiB


@pytest.mark.parametrize("name", MADE)
def test_cloud_images_are_laid_out_as_their_pre_says(yard: Yard, name: str, tmp_path: Path) -> None:
    looked = yard.run("check", KICKSTARTS / name)
    assert (looked.status, "no problems" in looked.out) == (0, True)
    assert "a build runs that first" in looked.out

    store = Store(tmp_path / "store")
    store.open()

    def run(recipe: Recipe, disk_size: int) -> Path:
        plan = before(recipe, Terms(disk_size=disk_size))
        return build(plan, store, lambda event: None, size=0, manner=Manner())[plan.targets[0]]

    recipe = read(KICKSTARTS / name, Overrides(), Target(), run)
    storage = stored(recipe, RPM_KNOWN["rocky"], Target())
    (layout,) = lay_out(storage, architecture="x86_64")
    assert [(one.number, one.start // MIB, one.size // MIB) for one in layout.slots] == MADE[name]
    assert recipe.packages.core
