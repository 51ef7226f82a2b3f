"""The RPM families as data, and the packages that their images need."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families import choose
from appliance.backends.families.known import RPM
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import RpmRelease
from appliance.backends.families.told import Told, by_address, by_packages
from appliance.backends.package_managers.model import OWN_RPM
from appliance.errors import RecipeError, RequestError, SourceError, Where
from appliance.layout.join import join
from appliance.recipe.model import Packages, Recipe, Repository, WantedPackage
from appliance.recipe.settings import Interface, Settings
from appliance.recipe.volumes import BootSettings, Volume

HERE = Where(Path("web.ks"), 3)
FEDORA = RPM[0]
NAMES = [f"{family.name}-{known.codename}" for family in RPM for known in family.releases]
RELEASES = [known for family in RPM for known in family.releases]
DATABASES = {"9": "var/lib/rpm"}
ROOT = Volume("/", "ext4", 1 << 30, "sda", HERE)
BIOS = Volume("", "biosboot", 1 << 20, "sda", HERE)
ESP = Volume("/boot/efi", "efi", 64 << 20, "sda", HERE)


def recipe(*volumes: Volume, table: str = "gpt", name: str = "fedora-44") -> Recipe:
    return Recipe(
        name="web",
        repositories=(Repository(name, "", HERE),),
        packages=Packages(),
        volumes=(*volumes, ROOT),
        table=table,
        boot_loader=BootSettings(),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )


def wanting(*names: str, excluded: str = "") -> Recipe:
    packages = Packages(
        names=tuple(WantedPackage(name, HERE) for name in names),
        excluded=tuple(WantedPackage(name, HERE) for name in excluded.split()),
    )
    return replace(recipe(BIOS, ESP), packages=packages)


def needed(
    asked: Recipe, architecture: str = "x86_64", family: RpmFamily = FEDORA
) -> tuple[str, ...]:
    return family.needed_packages(asked, join(asked), architecture=architecture)


def welcome(asked: Recipe, architecture: str = "x86_64") -> tuple[str, ...]:
    return FEDORA.welcome_packages(asked, join(asked), architecture=architecture)


def test_the_names_that_kickstarts_may_say() -> None:
    assert NAMES == [  # noqa: SIM300
        *("fedora-42", "fedora-43", "fedora-44", "fedora-rawhide"),
        *("centos-stream-9", "centos-stream-10", "rhel-9", "rhel-10"),
        *("almalinux-9", "almalinux-10", "rocky-9", "rocky-10", "oracle-9", "oracle-10"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_chooses_its_family_and_release(name: str) -> None:
    family, release = choose(recipe(name=name))
    assert f"{family.name}-{release}" == name
    assert isinstance(family, RpmFamily)


@pytest.mark.parametrize("release", RELEASES, ids=NAMES)
def test_every_release_says_where_it_is_and_whose_keys_sign_it(release: RpmRelease) -> None:
    assert release.keys
    assert release.repositories
    assert release.database == DATABASES.get(release.version, "usr/lib/sysimage/rpm")
    for repository in release.repositories:
        places = [repository.url, repository.metalink, repository.mirrorlist]
        assert len([place for place in places if place]) == 1
        assert "".join(places).startswith("https://")
        assert repository.path
        assert not repository.path.startswith("/")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://mirrors.fedoraproject.org/metalink?repo=fedora-44&arch=x86_64", "fedora"),
        ("http://mirror.stream.centos.org/9-stream/BaseOS/x86_64/os/", "centos-stream"),
        ("https://cdn.redhat.com/content/dist/rhel9/9/x86_64/baseos/os", "rhel"),
        ("https://repo.almalinux.org/almalinux/10/BaseOS/x86_64/os/", "almalinux"),
        ("https://dl.rockylinux.org/pub/rocky/9/BaseOS/x86_64/os/", "rocky"),
        ("https://yum.oracle.com/repo/OracleLinux/OL9/baseos/latest/x86_64", "oracle"),
        ("http://mirror.example/rocky/9/epel/fedora/", "rocky"),
        ("file:///srv/repository", "fedora"),
    ],
)
def test_an_address_says_its_family(address: str, name: str) -> None:
    lines = replace(recipe(), repositories=(Repository("a", address, HERE),))
    assert choose(lines)[0].name == name


@pytest.mark.parametrize(
    ("address", "name", "release"),
    [
        ("https://download.rockylinux.org/stg/rocky/8/BaseOS/x86_64/os/", "rocky", "8"),
        ("https://repo.almalinux.org/almalinux/9.5/BaseOS/x86_64/kickstart/", "almalinux", "9"),
        ("https://yum.oracle.com/repo/OracleLinux/OL8/baseos/latest/x86_64", "oracle", "8"),
        ("http://mirror.centos.org/centos/7/os/x86_64", "centos-stream", "7"),
        ("https://mirror.stream.centos.org/9-stream/BaseOS/os/", "centos-stream", "9"),
        ("https://mirrors.fedoraproject.org/metalink?repo=fedora-43&arch=x86_64", "fedora", "43"),
        ("https://mirrors.rockylinux.org/mirrorlist?arch=x86_64&repo=BaseOS-9", "rocky", "9"),
        ("https://mirrors.example.org/fedora/releases/21/Everything/x86_64/os", "fedora", "21"),
        ("https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever", "fedora", ""),
        ("https://mirrors.example.org/fedora/development/rawhide/os", "fedora", ""),
    ],
)
def test_an_address_may_say_its_release(address: str, name: str, release: str) -> None:
    told = by_address(address)

    assert told
    assert (told.family.name, told.release) == (name, release)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/9/os", "https://h/epel/9/fedora"])
def test_some_addresses_say_nothing(address: str) -> None:
    assert by_address(address) is None


def test_a_second_address_may_say_the_release_of_the_first() -> None:
    addresses = ("https://h/rocky/$releasever/os", "https://h/fedora/43/os", "https://h/rocky/8/x")
    lines = replace(
        recipe(),
        repositories=tuple(Repository(f"r{n}", one, HERE) for n, one in enumerate(addresses)),
    )

    assert (choose(lines)[0].name, choose(lines)[1]) == ("rocky", "8")
    assert choose(lines, releasever="9")[1] == "9"


@pytest.mark.parametrize(
    ("package", "version", "name", "release"),
    [
        ("rocky-release", "9.5-1.2.el9", "rocky", "9"),
        ("fedora-release-common", "43-25", "fedora", "43"),
        ("oraclelinux-release", "8:8.10-1.0.8.el8", "oracle", "8"),
        ("centos-release", "7-9.2009.1.el7", "centos-stream", "7"),
    ],
)
def test_a_package_says_whose_it_is(package: str, version: str, name: str, release: str) -> None:
    told = by_packages([("bash", "5.1-1"), (package, version)])

    assert told == Told(next(one for one in RPM if one.name == name), release)
    assert by_packages([("bash", "5.1-1")]) is None


def test_distributions_that_are_not_made_here_are_refused_by_name() -> None:
    with pytest.raises(SourceError, match="Amazon Linux is not made here") as refusal:
        by_packages([("system-release", "2023.6")])
    assert "Rocky Linux" in refusal.value.hint

    address = "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64"
    lines = replace(recipe(), repositories=(Repository("a", address, HERE),))
    with pytest.raises(SourceError, match="Amazon Linux is not made here") as refusal:
        choose(lines)
    assert refusal.value.where == HERE


@pytest.mark.parametrize(
    ("family", "release", "database", "own"),
    [("rocky", "8", "var/lib/rpm", True), ("rocky", "9", "var/lib/rpm", False),
     ("rocky", "11", "usr/lib/sysimage/rpm", False), ("fedora", "32", "var/lib/rpm", True),
     ("fedora", "35", "var/lib/rpm", False), ("fedora", "36", "usr/lib/sysimage/rpm", False)],
)  # fmt: skip
def test_older_releases_have_the_database_that_their_rpm_reads(
    family: str, release: str, database: str, own: bool
) -> None:
    known = next(one for one in RPM if one.name == family)
    options = known.manager_options(release)

    assert ("database", database) in options
    assert (OWN_RPM in options) == own
    assert bool(known.untested(release)) == (release != "9")
    assert known.untested("") == ""


def test_a_release_may_be_said_by_its_number_or_be_unknown() -> None:
    assert FEDORA.release("45").codename == "rawhide"
    assert FEDORA.release("38").version == "38"
    assert FEDORA.release("38").repositories == ()
    assert FEDORA.manager_options("44") == (
        ("database", "usr/lib/sysimage/rpm"),
        ("release", "44"),
    )
    with pytest.raises(RequestError, match="no release '11'"):
        choose(recipe(name="rocky-9"), releasever="11")


@pytest.mark.parametrize(
    ("architecture", "volumes", "packages"),
    [
        ("x86_64", (BIOS,), "dracut-config-generic e2fsprogs grub2-pc kernel"),
        (
            "x86_64",
            (ESP,),
            "dosfstools dracut-config-generic e2fsprogs grub2-efi-x64 kernel shim-x64",
        ),
        (
            "x86_64",
            (BIOS, ESP),
            "dosfstools dracut-config-generic e2fsprogs grub2-efi-x64 grub2-pc kernel shim-x64",
        ),
        (
            "aarch64",
            (BIOS, ESP),
            "dosfstools dracut-config-generic e2fsprogs grub2-efi-aa64 grub2-tools kernel "
            "shim-aa64",
        ),
    ],
)
@pytest.mark.parametrize("family", RPM, ids=lambda family: family.name)
def test_what_an_image_needs_to_start(
    family: RpmFamily, architecture: str, volumes: tuple[Volume, ...], packages: str
) -> None:
    assert needed(recipe(*volumes), architecture, family) == tuple(packages.split())


def test_an_mbr_is_started_by_a_bios() -> None:
    assert "grub2-pc" in needed(recipe(table="dos"))


def test_what_the_running_system_looks_after_itself_with_is_welcome() -> None:
    asked = replace(recipe(BIOS, ESP), settings=Settings(language="cs_CZ.UTF-8"))
    assert welcome(asked) == (
        "efibootmgr",
        "glibc-langpack-cs",
        "grub2-tools",
        "grub2-tools-extra",
        "grub2-tools-minimal",
        "grubby",
        "langpacks-cs",
    )
    assert welcome(asked, "aarch64") == (
        "efibootmgr",
        "glibc-langpack-cs",
        "grub2-tools-extra",
        "grubby",
        "langpacks-cs",
    )


@pytest.mark.parametrize(
    ("asked", "added"),
    [
        (wanting("vim"), True),
        (wanting("kernel-headers", "kernel-tools"), True),
        (wanting("kernel-core"), False),
        (wanting("kernel-rt.x86_64"), False),
        (wanting("kernel-64k"), False),
        (wanting(excluded="kernel"), False),
        (wanting(excluded="kernel*"), True),
        (replace(wanting(), boot_loader=BootSettings(enabled=False)), False),
    ],
)
def test_the_kernel_is_added_unless_somebody_decides(asked: Recipe, added: bool) -> None:
    assert ("kernel" in needed(asked)) is added


def test_nothing_that_is_excluded_is_added() -> None:
    asked = wanting(excluded="grub2-pc efibootmgr dosfstools")
    assert "grub2-pc" not in needed(asked)
    assert "dosfstools" not in needed(asked)
    assert "efibootmgr" not in welcome(asked)


def test_an_image_without_a_boot_loader_needs_only_its_tools() -> None:
    asked = replace(recipe(), boot_loader=BootSettings(enabled=False))
    assert needed(asked, "riscv64") == ("e2fsprogs",)
    assert welcome(asked, "riscv64") == ()


def test_settings_bring_the_packages_that_honour_them() -> None:
    settings = Settings(
        timezone="Europe/Prague",
        keymap="cz",
        interfaces=(Interface("eth0", "static", "192.0.2.7/24"),),
    )
    names = needed(replace(recipe(BIOS), settings=settings))
    assert {"tzdata", "kbd", "NetworkManager"} <= set(names)
    plain = Settings(timezone="UTC", keymap="us", interfaces=(Interface("", "dhcp"),))
    names = needed(replace(recipe(BIOS), settings=plain))
    assert not {"tzdata", "kbd", "NetworkManager"} & set(names)


@pytest.mark.parametrize(
    ("architecture", "says"),
    [
        ("ppc64le", "no boot loader is known for ppc64le"),
        ("aarch64", "nothing could start this disk on aarch64: it has no EFI system partition"),
    ],
)
def test_a_disk_that_nothing_could_start_is_refused(architecture: str, says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)) as caught:
        needed(recipe(BIOS), architecture)
    assert caught.value.hint
