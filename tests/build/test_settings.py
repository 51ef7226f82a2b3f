"""What a kickstart says about the system is true in the image, read back from its disks."""

import json
import subprocess
from pathlib import Path

import pytest
from tests.boot.conftest import REPOSITORY, appliance

KICKSTART = REPOSITORY / "tests/data/ks/everything-debian.ks"
READ = """
for path in /etc/fstab /etc/default/locale /etc/default/keyboard /etc/timezone /etc/adjtime \\
    /etc/hostname /etc/hosts /etc/systemd/network/10-eth0.network \\
    /etc/systemd/network/10-eth1.network /etc/resolv.conf /etc/passwd /etc/shadow /etc/group \\
    /root/outside.log /root/perl /root/anaconda-ks.cfg /home/ann/.ssh/authorized_keys; do
    echo "== $path $(stat -c %U:%G:%a $path)"; cat $path
done
echo "== localtime"; readlink /etc/localtime
echo "== locales"; locale -a
echo "== enabled"; ls /etc/systemd/system/*.wants
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("everything")
    done = appliance("build", KICKSTART, "--store", place / "store", "-o", place / "out")
    assert done.returncode == 0, done.stderr
    assert "there is no unit nosuch to enable" in done.stderr
    return place / "out/everything-debian"


@pytest.fixture(scope="module")
def image(built: Path) -> dict[str, str]:
    """Each file's text, its owner and mode in the first line."""
    said = appliance("shell", built, "--", "sh", "-c", READ).stdout
    return {part.split(maxsplit=1)[0]: part for part in said.split("== ")[1:]}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/etc/default/locale", "LANG=de_DE.UTF-8\n"),
        ("locales", "de_DE.utf8\n"),
        ("/etc/default/keyboard", 'XKBLAYOUT="cz,us"\nXKBVARIANT="qwerty,"\n'),
        ("/etc/default/keyboard", 'XKBOPTIONS="grp:alt_shift_toggle"\n'),
        ("/etc/timezone", "Europe/Berlin\n"),
        ("localtime", "/usr/share/zoneinfo/Europe/Berlin\n"),
        ("/etc/adjtime", "LOCAL\n"),
        ("/etc/hostname", "kitchen.example.org\n"),
        ("/etc/hosts", "127.0.1.1 kitchen.example.org kitchen\n"),
        ("/etc/systemd/network/10-eth0.network", "Address=192.0.2.7/24\nGateway=192.0.2.1\n"),
        ("/etc/systemd/network/10-eth0.network", "Address=2001:db8::7/64\n"),
        ("/etc/systemd/network/10-eth0.network", "MTUBytes=1400\n"),
        ("/etc/systemd/network/10-eth1.network", "ActivationPolicy=down\n"),
        ("/etc/resolv.conf", "nameserver 192.0.2.53\n"),
        ("/etc/passwd", "ann:x:2000:2000:Ann A:/home/ann:/bin/sh\n"),
        ("/etc/group", "crew:x:4711:ann\n"),
        ("/etc/shadow", "root:$6$"),
        ("/etc/shadow", "bob:!::0:99999:7:::\n"),
        ("/home/ann/.ssh/authorized_keys", "ann:ann:600\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5"),
        ("/root/outside.log", "root:root:600\noutside /mnt/sysimage\n"),
        ("/root/perl", "yes\n"),
        ("/root/anaconda-ks.cfg", "root:root:600\n"),
        ("enabled", "systemd-networkd.service"),
        ("/etc/fstab", "/ ext4 noatime,errors=remount-ro 0 1\n"),
        ("/etc/fstab", " none swap defaults 0 0\n"),
    ],
)
def test_it_is_in_the_image(path: str, wanted: str, image: dict[str, str]) -> None:
    assert wanted in image[path]


def test_a_disabled_service_is_not_enabled(image: dict[str, str]) -> None:
    assert "cron.service" not in image["enabled"]


def test_no_password_is_anywhere_in_the_clear(image: dict[str, str]) -> None:
    assert not [path for path, text in image.items() if "topsecret" in text or "annspw" in text]


def test_the_disks_are_as_the_kickstart_says(built: Path, tmp_path: Path) -> None:
    raw = tmp_path / "sda.raw"
    source = built / "everything-debian-sda.qcow2"
    subprocess.run(["qemu-img", "convert", "-O", "raw", source, raw], check=True)
    said = subprocess.run(["sfdisk", "--json", raw], check=True, capture_output=True, text=True)
    table = json.loads(said.stdout)["partitiontable"]

    assert table["label"] == "dos"
    assert [part["size"] // 2048 for part in table["partitions"]] == [100, 900, 64]  # MiB
    assert [part["type"] for part in table["partitions"]] == ["83", "83", "82"]
    for part in table["partitions"][:2]:
        subprocess.run(["e2fsck", "-fn", f"{raw}?offset={part['start'] * 512}"], check=True)
    assert (built / "everything-debian-sdb.qcow2").exists()
