"""Encrypted disks start when their passphrase is typed on the console."""

import pytest
from tests.boot.conftest import REPOSITORY, Started
from tests.boot.test_disks_boot import on_partitions

LOGICAL = REPOSITORY / "tests/data/ks/logical.ks"
WORD = "Open the disk, please"
PLAIN = "part /boot --fstype=ext4 --size=200\npart / --fstype=ext4 --size=900 --grow --encrypted"
CHECK = """\
#!/bin/sh
set -ex
findmnt -n -o SOURCE / | grep -x '/dev/mapper/luks-[0-9a-f-]*'
cryptsetup status "$(findmnt -n -o SOURCE /)" | grep 'type: *LUKS2'
findmnt -n -o SOURCE /boot | grep /dev/vda
! grep -rs 'Open the disk' /etc /boot/grub /root /var/log
"""
INSIDE = """\
#!/bin/sh
set -ex
findmnt -n -o SOURCE / | grep -x /dev/mapper/vg--main-root
pvs --noheadings -o pv_name | grep /dev/mapper/luks-
cryptsetup status "$(pvs --noheadings -o pv_name | tr -d ' ')" | grep 'type: *LUKS2'
grep dm- /proc/swaps
"""


@pytest.mark.slow
def test_a_root_in_a_container(starts: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_WORD", WORD)
    word = ("--passphrase", "env:MY_WORD")

    starts(on_partitions(PLAIN), CHECK, "--disk-size", "auto", *word, firmware="bios", tested=word)


@pytest.mark.slow
def test_a_volume_group_in_a_container(starts: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_WORD", WORD)
    word = ("--passphrase", "env:MY_WORD")
    text = LOGICAL.read_text().replace(
        "part pv.01", "part /boot --fstype=ext4 --size=200\npart pv.01 --encrypted"
    )

    starts(text, INSIDE, "--disk-size", "2GiB", *word, tested=word)


@pytest.mark.slow
def test_data_that_the_running_system_opens(
    starts: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_WORD", WORD)
    word = ("--passphrase", "env:MY_WORD")
    layout = "part /srv --fstype=ext4 --size=100 --encrypted\npart / --fstype=ext4 --size=900"
    check = "findmnt -n -o SOURCE /srv | grep /dev/mapper/luks-"

    starts(on_partitions(layout), check, "--disk-size", "auto", *word, firmware="bios", tested=word)
