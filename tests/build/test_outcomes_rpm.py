"""What Anaconda's own kickstart tests look for in a system of the RPM family, in built images.

docs/explanation/kickstart-tests.md says which of them is tested by which test. Three systems have
the same packages, and are asked for different things; each is read by debugfs.
"""

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.boot.conftest import appliance

from outcome_tree import Tree, ask, same_password, starts
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package, directory, regular, symlink
from rpm_distribution.system import own
from rpm_distribution.world import World

pytestmark = pytest.mark.slow  # minutes; make test-all


UNIT = "[Unit]\nDescription=Of the tests\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy={}\n"
BOTH = "multi-user.target"
ZONE = "/etc/firewalld/zones/public.xml"
X_KEYBOARD = "/etc/X11/xorg.conf.d/00-keyboard.conf"
TARGET = "/etc/systemd/system/default.target"
C_LOCALE = Path("/usr/lib/locale/C.utf8")
HASHED = "$6$salt.salt$" + "aB3." * 21 + "xY"
GRUB = "grub.pbkdf2.sha512.10000." + "AB" * 64 + "." + "CD" * 64
# Whatever a setting would bring along is listed, so that all share one layer of packages.
LISTED = """@bare kernel dracut-config-generic e2fsprogs grub2-pc grub2-efi-x64 shim-x64 grub2-tools
    efibootmgr openssh-server firewalld chrony authselect authselect-state selinux-policy-targeted
    kbd kbd-xkb tzdata tzdata-legacy radvd rpcbind rdisc initial-setup glibc-langpack-cs
    langpacks-cs
    glibc-langpack-ru langpacks-ru dosfstools"""
PACKAGES = "%packages\n{}\n%end\n".format("\n".join(LISTED.split()))
SERVER = f"""\
lang cs_CZ.UTF-8 --addsupport=ru_RU
keyboard --xlayouts='cz (qwerty),us (euro)' --vckeymap=us --switch=grp:alt_shift_toggle
timezone --utc Europe/Prague
timesource --ntp-server ntp.example.org
timesource --ntp-server nts.example.org --nts
timesource --ntp-pool 0.pool.example.org
firewall --enable --port=22001:tcp,6400:udp --service=tftp,smtp
selinux --enforcing
authselect select sssd with-mkhomedir
services --disabled=sshd --enabled=radvd,rpcbind.socket
firstboot --enable
skipx
network --hostname=testhostname.example.com
rootpw qweqwe
bootloader --timeout=13 --append="testing_option=1" --password={GRUB} --iscrypted
clearpart --all --initlabel
autopart --type=plain --fstype=ext2 --nohome --noboot --noswap
"""
QUIET = f"""\
keyboard --vckeymap=fr
timezone Japan
timesource --ntp-disable
firewall --disable --port=22001:tcp,6400:udp --service=tftp,smtp
selinux --permissive
xconfig --startxonboot --defaultdesktop=GNOME
firstboot --enable --reconfig
rootpw --iscrypted {HASHED}
bootloader --location=none
clearpart --all --initlabel --disklabel=gpt
part / --fstype=ext4 --size=1500 --fsoptions=loud,noatime
part /srv --fstype=ext4 --size=10
"""
SILENT = """\
keyboard fr
firewall --use-system-defaults --port=22001:tcp,6400:udp --service=tftp,smtp
selinux --disabled
firstboot --disable
text
timezone America/New_York --utc
bootloader
clearpart --all --initlabel --disklabel=msdos
part / --fstype=ext4 --size=1500
"""
PLAIN = """\
keyboard --xlayouts='cz (qwerty)' --switch=grp:alt_shift_toggle
timezone Europe/Prague
firewall --disable
rootpw --lock qweqwe
bootloader --nombr
clearpart --all --initlabel --disklabel=msdos
part / --fstype=ext4 --size=1500
"""


def _package(name: str, *units: str) -> Package:
    package = own(name, f"{name} of the tests")
    for unit in units:
        wanted = "sockets.target" if unit.endswith(".socket") else BOTH
        package.files.append(regular(f"/usr/lib/systemd/system/{unit}", UNIT.format(wanted)))
    return package


def _language(code: str, locale: str) -> list[Package]:
    """What gives a system a language: that of C, under another name."""
    libraries = own(f"glibc-langpack-{code}", "Locales")
    place = f"/usr/lib/locale/{locale}.utf8"
    libraries.files = [directory(place), directory(f"{place}/LC_MESSAGES")]
    libraries.files += [
        regular(f"{place}/{path.relative_to(C_LOCALE)}", path.read_bytes())
        for path in sorted(C_LOCALE.rglob("*"))
        if path.is_file()
    ]
    return [libraries, own(f"langpacks-{code}", "Everything in a language")]


def _extras() -> list[Package]:
    state = own("authselect-state", "The directory that Debian's authselect makes by a script")
    state.files = [directory("/etc/authselect")]
    legacy = own("tzdata-legacy", "Old names of time zones")
    legacy.files = [symlink("/usr/share/zoneinfo/Japan", "Asia/Tokyo")]
    keymaps = own("kbd-xkb", "A keymap made of a layout of X")
    keymaps.files = [regular("/usr/lib/kbd/keymaps/xkb/cz-qwerty.map.gz", "")]
    return [
        state,
        keymaps,
        legacy,
        _package("radvd", "radvd.service"),
        _package("rpcbind", "rpcbind.service", "rpcbind.socket"),
        _package("rdisc", "rdisc.service"),
        _package("initial-setup", "initial-setup.service"),
        *_language("cs", "cs_CZ"),
        *_language("ru", "ru_RU"),
    ]


@dataclass(frozen=True)
class Built:
    """An image, what was said of it, and the root in it."""

    place: Path
    tree: Tree
    said: str

    @property
    def disk(self) -> Path:
        return self.tree.disk

    @property
    def packages(self) -> set[str]:
        listed = json.loads(next(self.place.glob("*.packages.json")).read_text())["packages"]
        return {item["name"] for item in listed}


def first_sector(built: Built) -> bytes:
    """The code in it, before the disk's id and table."""
    with built.disk.open("rb") as file:
        return file.read(440)


def table(built: Built) -> dict[str, str]:
    found: dict[str, str] = json.loads(ask("sfdisk", "--json", built.disk))["partitiontable"]
    return found


Make = Callable[[str, str], Built]


@pytest.fixture(scope="module")
def make(rpm_world: World, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Build a system of the same packages with other settings."""
    place = tmp_path_factory.mktemp("outcomes")
    publish(place / "extras", ready(_extras()), None)
    lines = f"repo --name=base --baseurl={rpm_world.url}/base\n"
    lines += f"repo --name=extras --baseurl={(place / 'extras').as_uri()}\n"

    def build(name: str, settings: str) -> Built:
        recipe = place / f"{name}.ks"
        recipe.write_text(lines + settings + PACKAGES)
        done = appliance(
            "build", recipe, "--keyring", rpm_world.key, "--no-gpg-check", "extras",
            *("-f", "raw", "--store", place / "store", "-o", place / "out"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        disk = place / f"out/{name}/{name}-sda.raw"
        tree = next(tree for start in starts(disk)[::-1] if _is_root(tree := Tree(disk, start)))
        return Built(place / f"out/{name}", tree, done.stderr)

    return build


def _is_root(tree: Tree) -> bool:
    try:
        return tree.exists("/etc/fstab")
    except AssertionError:  # no ext filesystem
        return False


@pytest.fixture(scope="module")
def server(make: Make) -> Built:
    return make("server", SERVER)


@pytest.fixture(scope="module")
def quiet(make: Make) -> Built:
    return make("quiet", QUIET)


@pytest.fixture(scope="module")
def plain(make: Make) -> Built:
    return make("plain", PLAIN)


@pytest.fixture(scope="module")
def silent(make: Make) -> Built:
    return make("silent", SILENT)


# --- language and keyboard


def test_the_language_is_set_and_its_packages_are_there(server: Built) -> None:
    assert server.tree.text("/etc/locale.conf") == 'LANG="cs_CZ.UTF-8"\n'


def test_both_halves_of_the_keyboard_are_as_said(server: Built) -> None:
    x = server.tree.text(X_KEYBOARD)

    assert 'KEYMAP="us"\n' in server.tree.text("/etc/vconsole.conf")
    assert 'Option "XkbLayout" "cz,us"\n' in x
    assert 'Option "XkbVariant" "qwerty,euro"\n' in x
    assert 'Option "XkbOptions" "grp:alt_shift_toggle"\n' in x


def test_a_console_keymap_gives_the_layout(quiet: Built) -> None:
    assert 'KEYMAP="fr"\n' in quiet.tree.text("/etc/vconsole.conf")
    assert 'Option "XkbLayout" "fr"\n' in quiet.tree.text(X_KEYBOARD)
    assert "XkbVariant" not in quiet.tree.text(X_KEYBOARD)


def test_a_keyboard_without_an_option_is_both(silent: Built) -> None:
    assert 'KEYMAP="fr"\n' in silent.tree.text("/etc/vconsole.conf")
    assert 'Option "XkbLayout" "fr"\n' in silent.tree.text(X_KEYBOARD)


def test_a_layout_gives_the_console_keymap(plain: Built) -> None:
    assert 'KEYMAP="cz-qwerty"\n' in plain.tree.text("/etc/vconsole.conf")
    assert 'Option "XkbLayout" "cz"\n' in plain.tree.text(X_KEYBOARD)
    assert 'Option "XkbVariant" "qwerty"\n' in plain.tree.text(X_KEYBOARD)
    assert 'Option "XkbOptions" "grp:alt_shift_toggle"\n' in plain.tree.text(X_KEYBOARD)


# --- time


def test_the_hardware_clock_is_utc_if_that_is_said(silent: Built) -> None:
    assert silent.tree.link("/etc/localtime").endswith("/zoneinfo/America/New_York")
    assert silent.tree.text("/etc/adjtime").splitlines()[2] == "UTC"


def test_the_hardware_clock_is_local_if_nothing_is_said(plain: Built) -> None:
    assert plain.tree.link("/etc/localtime").endswith("/zoneinfo/Europe/Prague")
    assert plain.tree.text("/etc/adjtime").splitlines()[2] == "LOCAL"


def test_an_old_name_of_a_time_zone_is_one(quiet: Built) -> None:
    assert quiet.tree.link("/etc/localtime").partition("zoneinfo/")[2] == "Japan"


def test_time_servers_are_those_that_were_named(server: Built) -> None:
    lines = server.tree.text("/etc/chrony/chrony.conf").splitlines()

    assert [line for line in lines if line.startswith(("server", "pool", "peer"))] == [
        "server ntp.example.org iburst",
        "server nts.example.org iburst nts",
        "pool 0.pool.example.org iburst",
    ]
    assert server.tree.enabled("chronyd.service")


def test_nothing_sets_the_clock_if_nothing_is_to(quiet: Built) -> None:
    assert not quiet.tree.enabled("chronyd.service")


# --- what runs


def test_services_are_disabled_and_enabled(server: Built, silent: Built) -> None:
    assert server.tree.enabled("radvd.service")
    assert server.tree.enabled("rpcbind.socket")
    assert not server.tree.enabled("sshd.service")
    assert not server.tree.enabled("rdisc.service")
    assert silent.tree.enabled("sshd.service")  # as its preset says


def test_a_system_without_x_starts_without_it(server: Built) -> None:
    assert server.tree.link(TARGET).endswith("/multi-user.target")


def test_a_system_starts_x_if_that_is_said(quiet: Built) -> None:
    assert quiet.tree.link(TARGET).endswith("/graphical.target")


def test_in_text_mode_a_system_does_not_start_x(silent: Built) -> None:
    assert "graphical" not in silent.tree.link(TARGET)


def test_the_desktop_is_the_one_that_is_named(quiet: Built) -> None:
    assert "DESKTOP=GNOME\n" in quiet.tree.text("/etc/sysconfig/desktop")


def test_nobody_is_asked_at_the_first_boot_unless_that_is_said(plain: Built) -> None:
    assert not plain.tree.enabled("initial-setup.service")
    assert not plain.tree.exists("/etc/reconfigSys")


def test_nobody_is_asked_at_the_first_boot_if_that_is_said(silent: Built) -> None:
    assert not silent.tree.enabled("initial-setup.service")
    assert not silent.tree.exists("/etc/reconfigSys")


def test_somebody_is_asked_at_the_first_boot(server: Built) -> None:
    assert server.tree.enabled("initial-setup.service")
    assert not server.tree.exists("/etc/reconfigSys")


def test_somebody_is_asked_for_everything_at_the_first_boot(quiet: Built) -> None:
    assert quiet.tree.enabled("initial-setup.service")
    assert quiet.tree.exists("/etc/reconfigSys")


# --- security


def test_the_firewall_lets_in_what_is_said(server: Built) -> None:
    zone = server.tree.text(ZONE)

    assert '<port port="22001" protocol="tcp"/>' in zone
    assert '<port port="6400" protocol="udp"/>' in zone
    assert {name for name in ("ssh", "tftp", "smtp", "sane") if f'"{name}"' in zone} == {
        "ssh", "tftp", "smtp",
    }  # fmt: skip
    assert server.tree.enabled("firewalld.service")


def test_a_disabled_firewall_still_knows_what_is_said(quiet: Built) -> None:
    zone = quiet.tree.text(ZONE)

    assert '<port port="22001" protocol="tcp"/>' in zone
    assert '<service name="tftp"/>' in zone
    assert not quiet.tree.enabled("firewalld.service")


def test_a_disabled_firewall_does_not_start(plain: Built) -> None:
    assert "firewalld" in plain.packages
    assert not plain.tree.enabled("firewalld.service")


def test_the_systems_own_firewall_is_as_its_preset_says(silent: Built) -> None:
    assert silent.tree.enabled("firewalld.service")


def test_the_systems_own_firewall_ignores_what_is_said_beside(silent: Built) -> None:
    assert silent.tree.text(ZONE) == ""


@pytest.mark.parametrize(
    ("name", "mode"),
    [("server", "enforcing"), ("quiet", "permissive"), ("silent", "disabled")],
)
def test_selinux_is_in_the_mode_that_is_said(
    name: str, mode: str, request: pytest.FixtureRequest
) -> None:
    built: Built = request.getfixturevalue(name)

    assert f"\nSELINUX={mode}\n" in f"\n{built.tree.text('/etc/selinux/config')}"
    assert ("selinux=0" in built.tree.text("/etc/default/grub")) == (mode == "disabled")


def test_authselect_has_the_profile_that_is_said(server: Built) -> None:
    assert server.tree.text("/etc/authselect/authselect.conf") == "sssd\nwith-mkhomedir\n"


def test_authselect_is_not_asked_unless_somebody_says_so(plain: Built) -> None:
    assert plain.tree.text("/etc/authselect/authselect.conf") == ""


# --- root


def test_the_password_of_root_is_the_one_that_is_said(server: Built) -> None:
    root = server.tree.entry("/etc/shadow", "root")

    assert same_password("qweqwe", root[1])
    assert root[2] == ""


def test_a_hash_for_root_is_taken_as_it_is(quiet: Built) -> None:
    assert quiet.tree.entry("/etc/shadow", "root")[1:3] == [HASHED, ""]


def test_a_locked_root_keeps_a_password(plain: Built) -> None:
    root = plain.tree.entry("/etc/shadow", "root")

    assert root[1].startswith("!")
    assert same_password("qweqwe", root[1].removeprefix("!"))
    assert root[2] == ""


def test_without_a_password_root_is_locked(silent: Built) -> None:
    assert silent.tree.entry("/etc/shadow", "root")[1:3] == ["!", ""]


# --- disks and boot loader


def test_the_boot_loader_has_timeout_arguments_and_password(server: Built) -> None:
    said = server.tree.text("/etc/default/grub")
    arguments = re.findall(r"^GRUB_CMDLINE_LINUX=(.*)", said, re.MULTILINE)[0]

    assert "GRUB_TIMEOUT=13\n" in said
    assert "testing_option=1" in shlex.split(arguments)[0].split()
    assert server.tree.text("/boot/grub2/user.cfg") == f"GRUB2_PASSWORD={GRUB}\n"
    assert server.tree.mode("/boot/grub2/user.cfg") == "0:0 600"


def test_the_first_sector_starts_the_boot_loader(server: Built) -> None:
    assert any(first_sector(server))


def test_the_first_sector_is_left_alone_if_that_is_said(plain: Built) -> None:
    assert not any(first_sector(plain))


def test_a_disk_gets_a_gpt_unless_another_is_named(server: Built) -> None:
    assert table(server)["label"] == "gpt"


def test_a_disk_gets_the_gpt_that_is_named(quiet: Built) -> None:
    assert table(quiet)["label"] == "gpt"


def test_a_disk_gets_the_mbr_that_is_named(silent: Built) -> None:
    assert table(silent)["label"] == "dos"


def test_the_root_is_of_the_kind_that_is_said(server: Built) -> None:
    assert "/ ext2 " in server.tree.text("/etc/fstab")
    said = ask("blkid", "--probe", "--offset", str(server.tree.start), server.disk)
    assert ' TYPE="ext2"' in said


def test_what_is_not_wanted_of_the_usual_partitions_is_not_there(server: Built) -> None:
    points = [line.split()[1] for line in server.tree.text("/etc/fstab").splitlines()[1:]]

    assert points == ["/", "/boot/efi"]


def test_mount_options_are_those_that_are_said(quiet: Built) -> None:
    assert "/ ext4 loud,noatime 0 1\n" in quiet.tree.text("/etc/fstab")
