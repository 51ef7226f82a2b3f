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


def test_a_root_on_a_logical_volume_as_small_as_it_can_be(starts: Started) -> None:
    starts(LOGICAL.read_text(), LVM, "--disk-size", "auto", firmware="bios")


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
