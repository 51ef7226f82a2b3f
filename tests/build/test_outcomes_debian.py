"""What Anaconda's own kickstart tests look for, in a system of the Debian family, built from its
own archive; docs/explanation/kickstart-tests.md has the table, test_settings.py more of the same.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

from outcome_tree import Tree, ask, same_password, starts

HASHED = "$6$salt.salt$" + "aB3." * 21 + "xY"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyK someone"
RECIPE = f"""\
repo --name=debian-trixie
%include settings.ks
lang cs_CZ.UTF-8 --addsupport=ru_RU.UTF-8
keyboard fr
timezone --utc US/Eastern
timesource --ntp-server ntp.example.org
timesource --ntp-pool 0.pool.example.org
text
rootpw --lock qweqwe
group --name=crew --gid=5001
user --name=ann --gecos="Ann Example ☃" --homedir=/home/example --password={HASHED} \
--iscrypted --shell=/bin/bash --uid=4001 --gid=5001
user --name=user2 --password=second --plaintext --uid=7020 --gid=7020 --groups=sudo --lock
user --name=user2 --homedir=/home/user2_duplicate --password=second --plaintext
sshkey --username=ann "{KEY}"
clearpart --all --initlabel
bootloader --disabled
part / --fstype=ext4 --size=1200 --fsoptions=loud,noatime --label=root
part swap --size=32
%packages --excludedocs --inst-langs=cs:ru --exclude-weakdeps
systemd-sysv
systemd-timesyncd
cron
nano
-vim*
%end
%pre-install --log=/mnt/sysroot/root/preinstall.log
mkdir -p /mnt/sysroot/srv/kept
chown 601:601 /mnt/sysroot/srv/kept
echo before the packages
%end
%post --log=/root/post.log
uname -r
echo said inside
%end
"""
SETTINGS = "services --disabled=cron --enabled=systemd-networkd,systemd-networkd.socket\n"


@dataclass(frozen=True)
class Built:
    """An image, and the root in it."""

    place: Path
    tree: Tree
    said: str

    @property
    def packages(self) -> set[str]:
        listed = json.loads(next(self.place.glob("*.packages.json")).read_text())["packages"]
        return {item["name"] for item in listed}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = tmp_path_factory.mktemp("outcomes-debian")
    (place / "settings.ks").write_text(SETTINGS)
    (place / "system.ks").write_text(RECIPE)
    done = appliance(
        "build", place / "system.ks", "-f", "raw",
        *("--store", place / "store", "-o", place / "out"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    disk = place / "out/system/system-sda.raw"
    return Built(place / "out/system", Tree(disk, starts(disk)[0]), done.stderr)


def test_the_languages_are_there(built: Built) -> None:
    lines = built.tree.text("/etc/locale.gen").splitlines()

    assert built.tree.text("/etc/default/locale") == "LANG=cs_CZ.UTF-8\n"
    assert {"cs_CZ.UTF-8 UTF-8", "ru_RU.UTF-8 UTF-8"} <= set(lines)
    assert built.tree.exists("/usr/lib/locale/locale-archive")
    assert "lang: there is no locale" not in built.said


def test_a_keyboard_without_an_option_is_both(built: Built) -> None:
    assert 'XKBLAYOUT="fr"\n' in built.tree.text("/etc/default/keyboard")
    assert built.tree.text("/etc/vconsole.conf") in ("", built.tree.text("/etc/default/keyboard"))


def test_an_old_name_of_a_time_zone_is_one_and_the_hardware_clock_is_utc(built: Built) -> None:
    assert built.tree.text("/etc/adjtime").splitlines()[2] == "UTC"
    assert built.tree.link("/etc/localtime").endswith("/zoneinfo/America/New_York")


def test_time_servers_are_those_that_were_named(built: Built) -> None:
    said = built.tree.text("/etc/systemd/timesyncd.conf.d/kickstart.conf")

    assert "NTP=ntp.example.org 0.pool.example.org\n" in said
    assert built.tree.enabled("systemd-timesyncd.service")


def test_services_are_disabled_and_enabled_by_what_is_included(built: Built) -> None:
    assert built.tree.enabled("systemd-networkd.service")
    assert built.tree.enabled("systemd-networkd.socket")
    assert not built.tree.enabled("cron.service")


def test_in_text_mode_a_system_does_not_start_x(built: Built) -> None:
    assert built.tree.link("/etc/systemd/system/default.target").endswith("/multi-user.target")


def test_a_locked_root_keeps_a_password(built: Built) -> None:
    root = built.tree.entry("/etc/shadow", "root")

    assert root[1].startswith("!")
    assert same_password("qweqwe", root[1].removeprefix("!"))
    assert root[2] == ""


def test_an_account_is_as_said(built: Built) -> None:
    assert built.tree.entry("/etc/passwd", "ann")[2:] == [
        "4001", "5001", "Ann Example ☃", "/home/example", "/bin/bash",
    ]  # fmt: skip
    assert built.tree.entry("/etc/group", "crew")[2] == "5001"
    assert built.tree.entry("/etc/shadow", "ann")[1] == HASHED


def test_a_key_lets_its_owner_in_and_nobody_else_reads_it(built: Built) -> None:
    assert built.tree.mode("/home/example/.ssh") == "4001:5001 700"
    assert built.tree.mode("/home/example/.ssh/authorized_keys") == "4001:5001 600"
    assert built.tree.text("/home/example/.ssh/authorized_keys") == f"{KEY}\n"


def test_a_locked_account_is_made_once_and_keeps_its_password_and_its_group(built: Built) -> None:
    hashed = built.tree.entry("/etc/shadow", "user2")[1]

    assert hashed.startswith("!")
    assert same_password("second", hashed.removeprefix("!"))
    assert built.tree.entry("/etc/group", "sudo")[3] == "user2"
    assert built.tree.names("/home") == {"example", "user2"}


def test_no_document_is_there_and_only_the_languages_that_are_wanted(built: Built) -> None:
    assert not built.tree.exists("/usr/share/doc/nano/README.gz")
    assert not built.tree.exists("/usr/share/man/man1/nano.1.gz")
    # update-alternatives, in Java's packages for one, fails where a link to a page has no place
    assert built.tree.exists("/usr/share/man/man1")
    assert {"cs", "ru"} <= built.tree.names("/usr/share/locale")
    assert "fr" not in built.tree.names("/usr/share/locale")


def test_globs_and_exclusions_decide(built: Built) -> None:
    assert "nano" in built.packages
    assert not [name for name in built.packages if name.startswith(("vim", "tiny"))]


def test_scripts_are_logged_and_what_they_left_stays(built: Built) -> None:
    assert built.tree.text("/root/preinstall.log") == "before the packages\n"
    assert built.tree.text("/root/post.log").endswith("said inside\n")
    assert built.tree.mode("/srv/kept") == "601:601 755"


def test_the_disk_is_as_said(built: Built) -> None:
    lines = [line.split() for line in built.tree.text("/etc/fstab").splitlines()[1:]]
    said = json.loads(ask("sfdisk", "--json", built.tree.disk))["partitiontable"]

    assert [line[1:4] for line in lines] == [
        ["/", "ext4", "loud,noatime"], ["none", "swap", "defaults"],
    ]  # fmt: skip
    assert said["label"] == "gpt"
    assert [part["size"] // 2048 for part in said["partitions"]] == [1200, 32]


def test_nothing_that_nobody_asked_for_is_there(built: Built) -> None:
    unwanted = ("linux-image", "grub", "firewalld", "nftables", "openssh")
    assert not [name for name in built.packages if name.startswith(unwanted)]
