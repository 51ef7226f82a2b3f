"""Roots on every kind of disk start, and their own programs find nothing wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

LOGICAL = REPOSITORY / "tests/data/ks/logical.ks"
Started = Callable[..., None]
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


@pytest.fixture
def starts(tmp_path: Path) -> Started:
    """Build a kickstart, start it, and run a check in it."""

    def start(text: str, check: str, *options: str, firmware: str = "both") -> None:
        (tmp_path / "disks.ks").write_text(text)
        script = tmp_path / "check.sh"
        script.write_text(check)
        done = appliance(
            "build", tmp_path / "disks.ks", "--root-password", PASSWORD, *options,
            *("--store", tmp_path / "store", "-o", tmp_path / "out"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        done = appliance(
            "test", tmp_path / "out/disks", "--login", f"root:{PASSWORD}", "--check", script,
            *("--firmware", firmware, "--output", tmp_path / "report"),
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    return start


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
