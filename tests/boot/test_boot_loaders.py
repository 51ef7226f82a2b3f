"""Boot loaders other than GRUB start what they are asked to."""

import pytest
from tests.boot.conftest import REPOSITORY, Started

LOGICAL = REPOSITORY / "tests/data/ks/logical.ks"
RUNNING = """\
#!/bin/sh
set -ex
test "$(systemctl is-system-running --wait)" = running
findmnt -n /boot
"""


def kickstart(loader: str, *layout: str, table: str = "gpt") -> str:
    """The kickstart of logical volumes with other partitions, and another boot loader."""
    lines = LOGICAL.read_text().replace("--disklabel=gpt", f"--disklabel={table}").splitlines()
    kept = [line for line in lines if not line.startswith(("volgroup", "logvol", "part "))]
    at = next(number for number, line in enumerate(kept) if line.startswith("clearpart"))
    text = "\n".join((*kept[: at + 1], *layout, *kept[at + 1 :])) + "\n"
    return text.replace("bootloader --timeout=1", f"bootloader --timeout=1 {loader}")


@pytest.mark.slow
def test_extlinux_on_a_gpt(starts: Started) -> None:
    layout = ("part /boot --fstype=ext4 --size=200", "part / --fstype=xfs --size=1100 --grow")

    starts(kickstart("--extlinux", *layout), RUNNING, "--disk-size", "2GiB", firmware="bios")


@pytest.mark.slow
def test_extlinux_on_an_mbr_without_a_partition_for_boot(starts: Started) -> None:
    text = kickstart("--extlinux", "part / --fstype=ext4 --size=1100 --grow", table="msdos")

    starts(text, RUNNING.replace("findmnt -n /boot", ""), "--disk-size", "auto", firmware="bios")


@pytest.mark.slow
def test_systemd_boot(starts: Started) -> None:
    layout = (
        "part /boot/efi --fstype=efi --size=300",
        "part / --fstype=ext4 --size=1100 --grow",
    )
    check = RUNNING.replace(
        "findmnt -n /boot", "bootctl --no-pager status | grep 'Product: systemd-boot'"
    )

    starts(kickstart("--sdboot", *layout), check, "--disk-size", "auto", firmware="uefi")
