"""Three-line kickstarts: what each honoured command becomes, and what it refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load, problems
from appliance.recipe.secrets import hash_password, with_setting
from appliance.recipe.settings import Group, Interface
from appliance.units import MIB

ROOT = "part / --size=1024\n"
HASH = "$6$saltstring$abcdefgh"


@pytest.fixture
def recipe_of(tmp_path: Path) -> Callable[[str], Recipe]:
    def make(text: str) -> Recipe:
        (tmp_path / "x.ks").write_text(ROOT + text)
        return load(tmp_path / "x.ks")

    return make


SETTINGS: list[tuple[str, str, Any]] = [
    ("lang cs_CZ.UTF-8", "language", "cs_CZ.UTF-8"),
    ("keyboard us", "keymap", "us"),
    ("keyboard --vckeymap=cz --xlayouts=cz", "keymap", "cz"),
    ("keyboard --xlayouts='cz (qwerty)','us'", "keyboard_layouts", ("cz (qwerty)", "us")),
    ("keyboard us --switch=grp:alt_shift_toggle", "keyboard_switch", ("grp:alt_shift_toggle",)),
    ("timezone Europe/Prague", "timezone", "Europe/Prague"),
    ("timezone Europe/Prague", "utc", False),
    ("timezone --isUtc Europe/Prague", "utc", True),
    ("timezone Europe/Prague\ntimezone --utc", "timezone", "Europe/Prague"),
    ("text", "utc", True),
    ("services --enabled=a,b --disabled=c", "enabled_services", ("a", "b")),
    ("services --enabled=a\nservices --disabled=c", "enabled_services", ("a",)),
    ("services --enabled=a\nservices --enabled=c", "enabled_services", ("c",)),
    ("network --hostname=web.example.org", "hostname", "web.example.org"),
    ("network --hostname=web", "interfaces", ()),
    ("network --bootproto=dhcp --device=link", "interfaces", (Interface("", "dhcp"),)),
    ("network --device=eth0 --onboot=no", "interfaces", (Interface("eth0", "dhcp", onboot=False),)),
    ("network --device=eth0 --noipv4 --ipv6=auto", "interfaces",
     (Interface("eth0", "none", ipv6="auto", ipv4=False),)),
    ("network --device=e0 --bootproto=static --ip=192.0.2.7 --netmask=255.255.255.0 "
     "--gateway=192.0.2.1 --nameserver=192.0.2.2,192.0.2.3 --noipv6 --mtu=9000", "interfaces",
     (Interface("e0", "static", "192.0.2.7/24", "192.0.2.1", ("192.0.2.2", "192.0.2.3"),
                "none", 9000),)),
    ("group --name=web --gid=80\ngroup --name=b", "groups", (Group("web", 80), Group("b"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "value"), SETTINGS)
def test_settings(recipe_of: Callable[[str], Recipe], text: str, field: str, value: object) -> None:
    assert getattr(recipe_of(text + "\n").settings, field) == value


USERS: list[tuple[str, dict[str, Any]]] = [
    ("rootpw --lock", {"name": "root", "locked": True, "password": ""}),
    ("rootpw --lock --iscrypted locked", {"locked": True, "password": ""}),
    (f"rootpw --iscrypted {HASH}", {"locked": False, "password": HASH}),
    ("rootpw --plaintext x", {"password": hash_password("x", salt_from="x/root")}),
    ("rootpw x", {"password": hash_password("x", salt_from="x/root")}),
    ("user --name=joe", {"name": "joe", "password": "", "uid": -1, "gid": -1, "groups": ()}),
    ("user --name=joe --uid=0 --gid=7 --groups=a,b", {"uid": 0, "gid": 7, "groups": ("a", "b")}),
    ("user --name=joe --password=y", {"password": hash_password("y", salt_from="x/joe")}),
    (f"user --name=joe --password={HASH} --iscrypted --lock", {"password": HASH, "locked": True}),
    ("user --name=j --homedir=/srv/j --shell=/bin/sh --gecos='J J'",
     {"home": "/srv/j", "shell": "/bin/sh", "gecos": "J J"}),
    ("sshkey --username=root 'ssh-rsa AAAA x'", {"name": "root", "keys": ("ssh-rsa AAAA x",)}),
    ("user --name=j\nsshkey --username=j 'ssh-rsa AAAA x'", {"keys": ("ssh-rsa AAAA x",)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields"), USERS)
def test_users(recipe_of: Callable[[str], Recipe], text: str, fields: dict[str, object]) -> None:
    [user] = recipe_of(text + "\n").settings.users
    assert {name: getattr(user, name) for name in fields} == fields


VOLUMES: list[tuple[str, tuple[str, str]]] = [
    ("part /srv --size=8", ("/srv", "")),
    ("part /boot/efi --size=8", ("/boot/efi", "efi")),
    ("part /boot/efi --size=8 --fstype=vfat", ("/boot/efi", "efi")),
    ("part /efi --size=8 --fstype=efi", ("/efi", "efi")),
    ("part /boot --size=8 --fstype=vfat", ("/boot", "vfat")),
    ("part swap --size=8", ("", "swap")),
    ("part biosboot --size=1 --fstype=biosboot", ("", "biosboot")),
]


@pytest.mark.parametrize(("text", "expected"), VOLUMES)
def test_volumes(recipe_of: Callable[[str], Recipe], text: str, expected: tuple[str, str]) -> None:
    _, volume = recipe_of(text + "\n").volumes
    assert (volume.mount_point, volume.filesystem) == expected


def test_all_options_of_a_volume(recipe_of: Callable[[str], Recipe]) -> None:
    volume = recipe_of(
        "part /srv --grow --maxsize=9 --label=L --fsoptions=ro --mkfsoptions='-m 0' "
        "--asprimary --ondisk=/dev/vdb\n"
    ).volumes[1]
    assert (volume.size, volume.maximum, volume.grow, volume.primary) == (0, 9 * MIB, True, True)
    assert (volume.label, volume.mount_options, volume.make_options) == ("L", "ro", "-m 0")
    assert volume.disk == "vdb"


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("", "dos"),  # the only one from which a PC could start it
        ("clearpart --all", "dos"),
        ("clearpart --all --disklabel=gpt", "gpt"),
        ("clearpart --initlabel --disklabel=msdos", "dos"),
        ("part biosboot --size=1", "gpt"),
        ("part /boot/efi --fstype=efi --size=64", "gpt"),
        ("reqpart", "gpt"),
        ("bootloader --disabled", "gpt"),
    ],
)
def test_tables(recipe_of: Callable[[str], Recipe], text: str, table: str) -> None:
    assert recipe_of(text).table == table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (True, 1, "")),
        ("bootloader --timeout=0\nbootloader --append='a b'", (True, 0, "a b")),
        ("bootloader --location=mbr", (True, 1, "")),
        ("bootloader --disabled", (False, 1, "")),
        ("bootloader --disabled", (False, 1, "")),
    ],
)
def test_boot_loaders(
    recipe_of: Callable[[str], Recipe], text: str, expected: tuple[bool, int, str]
) -> None:
    loader = recipe_of(text).boot_loader
    assert (loader.enabled, loader.timeout, loader.append) == expected


WRONG = [
    ("part /srv", "has no size"),
    ("part /srv --size=0", "has no size"),
    ("part /srv --size=-4 --grow", "cannot have this size"),
    ("part /srv --size=9 --maxsize=3", "--maxsize is less"),
    ("part /srv --size=3.5", "part: argument --size"),
    ("part /srv --size=9 --fstype=zfs", "unknown filesystem 'zfs'"),
    ("part srv --size=9", "'srv' is not a mount point"),
    ("part raid.01 --size=9", "software RAID"),
    ("part /srv --size=9 --fstype=swap", "swap cannot be mounted"),
    ("part swap --size=9 --fstype=ext4", "swap cannot be ext4"),
    ("part /boot/efi --size=9 --fstype=ext4", "cannot be ext4"),
    ("part swap --size=0", "has no size"),
    ("part /usr/lib --size=9 --fstype=tmpfs", "/usr/lib cannot be tmpfs: it would be empty"),
    ("clearpart --disklabel=sun", "unknown partition table 'sun'"),
    ("bootloader --location=partition", "there is no other loader"),
    ("bootloader --timeout=-1", "--timeout is seconds"),
    ("lang en_US;x", "is not a language"),
    ("timezone ../../etc/passwd", "is not a time zone"),
    ("network --hostname=-x", "is not a host name"),
    ("services --enabled='a b'", "is not a service"),
    ("network --bootproto=static", "needs an address"),
    ("network --bootproto=static --ip=300.1.1.1 --netmask=255.0.0.0", "300.1.1.1"),
    ("network --bootproto=static --ip=10.1.1.1 --netmask=255.0.255.0", "netmask"),
    ("network --device=e0 --mtu=big", "--mtu=big is not a number of bytes"),
    ("network --device=e0 --nameserver=dns", "dns"),
    ("user --name=a:b", "is not a user name"),
    ("user --name=root", "root exists already"),
    ("user --name=joe --gecos=a:b", "':' or a tab"),
    ("user --name=joe --shell=sh", "not an absolute path"),
    ("user --name=joe --uid=-5", "out of range"),
    ("group --name=a/b", "is not a group name"),
    ("sshkey --username=root AAAA", "not a public key"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}\n{text}\n")
    found, recipe = problems(file)
    assert recipe is None
    assert words in found[0].problem
    assert found[0].where is not None
    assert found[0].where.line == 3 + text.count("\n")


def test_a_recipe_without_a_root_is_told_how_to_get_one(tmp_path: Path) -> None:
    for text in ("text\n", "part /srv --size=9\n"):
        (tmp_path / "x.ks").write_text(text)
        [error], _ = problems(tmp_path / "x.ks")
        assert error.problem == "there is no root partition"
        assert error.hint == "part / --size=2048 --grow"


@pytest.mark.parametrize(
    "text",
    [
        "part pv.01 --size=900\nvolgroup vg pv.01\nlogvol / --vgname=vg --name=root --size=500\n",
        "part btrfs.01 --size=900\nbtrfs none --label=x btrfs.01\n"
        "btrfs / --subvol --name=r LABEL=x\n",
    ],
)
def test_a_partition_gives_way_to_what_is_mounted_in_its_place(tmp_path: Path, text: str) -> None:
    for number, whole in enumerate((f"part / --size=9\n{text}", f"{text}part / --size=9\n")):
        (tmp_path / f"{number}.ks").write_text(whole)
        found, recipe = problems(tmp_path / f"{number}.ks")
        assert not found
        assert recipe
        assert "/" not in [volume.mount_point for volume in recipe.volumes]
        assert any(" / replaces the part of " in note.text for note in recipe.notes)


def test_hashes_are_those_that_openssl_makes() -> None:
    """The expected text is of: openssl passwd -6 -salt saltstring 'Hello world!'."""
    assert with_setting("Hello world!", "$6$saltstring") == (
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    )
    first = hash_password("x", salt_from="web/root")
    assert first == hash_password("x", salt_from="web/root")
    assert first != hash_password("x", salt_from="web/joe")
    assert len(first.split("$")[2]) == 16
