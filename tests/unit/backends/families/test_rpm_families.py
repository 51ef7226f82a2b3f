"""The RPM families as data, and the packages that their images need."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families import choose
from appliance.backends.families.choice import rpm_family_of
from appliance.backends.families.known import RPM
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import RpmRelease
from appliance.errors import RecipeError, RequestError, Where
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
    assert rpm_family_of(address).name == name


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
