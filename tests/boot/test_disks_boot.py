"""Roots on every kind of disk start, and their own programs find nothing wrong with them."""

import pytest
from tests.boot.conftest import REPOSITORY, Started

LOGICAL = REPOSITORY / "tests/data/ks/logical.ks"
LVM = """\
#!/bin/sh
set -ex
vgck vg-main
vgs vg-main
test "$(lvs --noheadings -o lv_name vg-main | tr -d ' \\n')" = "rootsrvswap"
findmnt -n -o SOURCE / | grep -x /dev/mapper/vg--main-root
findmnt -n -o OPTIONS /srv | grep nodev
grep dm- /proc/swaps
lvchange --addtag seen vg-main/root
lvs -o tags --noheadings vg-main/root | grep seen
"""


@pytest.mark.slow
def test_a_root_on_a_logical_volume_as_small_as_it_can_be(starts: Started) -> None:
    starts(LOGICAL.read_text(), LVM, "--disk-size", "auto", firmware="bios")


EVERY = """\
part /shared --fstype=vfat --size=40 --label=SHARED
part /oldest --fstype=ext2 --size=24
part /older --fstype=ext3 --size=40
part /xfs --fstype=xfs --size=320
part btrfs.01 --size=256
btrfs none --label=data btrfs.01
btrfs /data --subvol --name=data LABEL=data
part pv.01 --size=100
part / --fstype=ext4 --size=900 --grow
volgroup vg pv.01
logvol /srv --vgname=vg --name=srv --fstype=ext4 --size=40
logvol swap --vgname=vg --name=swap --fstype=swap --size=40
"""
PLACES = "/shared /oldest /older /xfs /data /srv"


def test_one_of_each_kind_on_one_disk(starts: Started) -> None:
    post = f"%post\nfor place in {PLACES}; do echo seen > $place/file; done\n%end\n"
    check = f"""\
set -ex
for place in {PLACES}; do
mountpoint $place
test "$(cat $place/file)" = seen
echo more >> $place/file
done
for pair in shared:vfat oldest:ext2 older:ext3 xfs:xfs data:btrfs srv:ext4; do
test "$(findmnt -n -o FSTYPE /${{pair%:*}})" = "${{pair#*:}}"
done
xfs_info /xfs | grep ftype=1
btrfs subvolume list /data | grep 'path data'
lvs --noheadings vg/srv
grep dm- /proc/swaps
"""

    starts(on_partitions(EVERY) + post, check, firmware="uefi")


@pytest.mark.slow
@pytest.mark.parametrize("disk", ["gpt", "msdos"])
def test_a_root_on_a_logical_volume_of_a_larger_disk(disk: str, starts: Started) -> None:
    text = LOGICAL.read_text().replace("--disklabel=gpt", f"--disklabel={disk}")
    if disk == "msdos":
        text = text.replace("part biosboot --fstype=biosboot --size=1\n", "")

    starts(text, LVM, "--disk-size", "4GiB")


@pytest.mark.slow
@pytest.mark.parametrize("filesystem", ["xfs", "ext2", "ext3"])
def test_a_root_on_another_filesystem(filesystem: str, starts: Started) -> None:
    text = LOGICAL.read_text().replace(
        "--name=root --fstype=ext4", f"--name=root --fstype={filesystem}"
    )

    starts(text, LVM, "--disk-size", "2GiB")


@pytest.mark.slow
@pytest.mark.parametrize("filesystem", ["ext4", "xfs", "btrfs"])
def test_a_root_grows_to_the_disk_of_its_machine(filesystem: str, starts: Started) -> None:
    layout = f"part / --fstype={filesystem} --size=900"
    text = on_partitions(layout).replace("--disklabel=gpt", "--disklabel=msdos")
    text = text.replace("part biosboot --fstype=biosboot --size=1\n", "")
    check = "test $(df --output=size --block-size=1M / | tail -n 1) -gt 2700"

    starts(text, check, "--grow-root", firmware="bios", grown="+2G")


@pytest.mark.slow
def test_a_root_on_subvolumes(starts: Started) -> None:
    layout = (
        "part /boot --fstype=ext4 --size=200\npart btrfs.01 --size=1100 --grow\n"
        "btrfs none --label=system btrfs.01\n"
        "btrfs / --subvol --name=root LABEL=system\nbtrfs /home --subvol --name=home LABEL=system"
    )
    check = """\
set -ex
findmnt -n -o OPTIONS / | grep subvol=/root
findmnt -n -o OPTIONS /home | grep subvol=/home
btrfs filesystem show / | grep system
btrfs scrub start -B /
test $(df --output=size --block-size=1M / | tail -n 1) -gt 3000
"""

    starts(on_partitions(layout), check, "--grow-root", grown="+2G")


@pytest.mark.slow
@pytest.mark.parametrize("filesystem", ["squashfs", "erofs"])
def test_a_root_that_nobody_writes_to(filesystem: str, starts: Started) -> None:
    layout = (
        "part /boot --fstype=ext4 --size=200\npart /var --fstype=ext4 --size=500\n"
        f"part /tmp --fstype=tmpfs\npart / --fstype={filesystem} --size=700"
    )
    # udev unpacks what it reads: on a machine that is emulated that takes its time
    patient = "--timeout=1 --append=systemd.default_device_timeout_sec=900"
    text = on_partitions(layout).replace("bootloader --timeout=1", f"bootloader {patient}")
    check = f"""\
set -ex
test "$(findmnt -n -o FSTYPE /)" = {filesystem}
findmnt -n -o OPTIONS / | tr , '\\n' | grep -x ro
if touch /etc/seen; then exit 1; fi
touch /var/lib/seen /tmp/seen
test -s /etc/machine-id
"""

    starts(text, check, firmware="bios")


MADE = """\
part biosboot --onpart=vda1
part / --fstype=ext4 --onpart=vda2
part /shared --fstype=vfat --onpart=vda4
%pre --erroronfail
sfdisk /dev/vda <<END
label: gpt
size=1MiB, type=21686148-6449-6E6F-744E-656564454649
size=900MiB
size=20MiB
size=50MiB
END
%end
"""


@pytest.mark.slow
def test_a_root_where_a_pre_made_it(starts: Started) -> None:
    lines = LOGICAL.read_text().splitlines()
    gone = ("part", "volgroup", "logvol", "zerombr", "clearpart")
    text = "\n".join(line for line in lines if not line.startswith(gone)) + "\n" + MADE
    check = """\
set -ex
findmnt -n -o SOURCE / | grep -x '/dev/.*2'
findmnt -n -o SOURCE,FSTYPE /shared | grep -E '/dev/.*4 +vfat'
echo seen > /shared/file
"""

    starts(text, check, firmware="bios")


def on_partitions(layout: str) -> str:
    """The kickstart of logical volumes, with other partitions instead of the group."""
    lines = LOGICAL.read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("volgroup", "logvol", "part pv"))]
    at = next(number for number, line in enumerate(kept) if line.startswith("part /boot/efi"))
    return "\n".join((*kept[: at + 1], layout, *kept[at + 1 :])) + "\n"
