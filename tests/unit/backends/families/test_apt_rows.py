"""The apt families as data: their names, their archives, their kernels, and who is refused."""

from pathlib import Path

import pytest

from appliance.backends.families import HostSource, apt_repositories, choose, known_names
from appliance.backends.families.apt import AptFamily
from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.kali import KALI
from appliance.backends.families.known import APT
from appliance.backends.families.question import Question
from appliance.backends.families.ubuntu import UBUNTU
from appliance.errors import RecipeError, RequestError, Where
from appliance.layout.join import join
from appliance.layout.storage import Storage
from appliance.recipe.model import Packages, Recipe, Repository, WantedPackage
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings, Volume

HERE = Where(Path("web.ks"), 3)
RELEASES = [(family, known) for family in APT for known in family.releases]


def recipe(name: str, url: str = "", *, packages: str = "", loader: str = "grub") -> Recipe:
    return Recipe(
        name="web",
        repositories=(Repository(name, url, HERE),),
        packages=Packages(names=tuple(WantedPackage(word, HERE) for word in packages.split())),
        volumes=(Volume("/", "ext4", 1 << 30, "sda", HERE),),
        table="gpt",
        boot_loader=BootSettings(kind=loader),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )


def needed(family: AptFamily, asked: Recipe, architecture: str) -> tuple[str, ...]:
    return family.needed_packages(asked, join(asked), architecture=architecture)


def sources(family: AptFamily, release: str, **said: object) -> list[tuple[str, str]]:
    architecture = str(said.pop("architecture", "x86_64"))
    host = said.pop("host", ())
    options = RepositoryOptions(**said)  # type: ignore[arg-type]
    asked = recipe(f"{family.name}-{release}")
    question = Question(asked, Storage(), options, architecture)
    found = apt_repositories.sources(
        family,
        question,
        release,
        host_sources=host,  # type: ignore[arg-type]
        keyring=family.keyring,
    )
    assert all(source.known and source.components == family.components for source in found)
    return [(source.url, source.suite) for source in found]


@pytest.mark.parametrize(("family", "known"), RELEASES, ids=lambda item: str(item)[:12])
def test_every_name_of_a_release_makes_its_family(family: AptFamily, known: object) -> None:
    (release,) = (item for item in family.releases if item is known)
    for word in release.words:
        assert choose(recipe(f"{family.name}-{word}")) == (family, release.codename)
    suite = next(iter(family.machines.values())).archives[0].suite_of(release.codename)
    for name in (suite, f"{suite}-backports", f"{suite}/"):
        assert choose(recipe("x", f"http://a.example/d/dists/{name}")) == (
            family,
            release.codename,
        )


def test_names_of_releases_are_those_that_people_use() -> None:
    assert {"debian-stable", "debian-13", "ubuntu-24.04", "kali-rolling"} <= set(known_names())
    found = choose(recipe("x", "http://a.example/d/dists/acme"), releasever="questing")
    assert found == (UBUNTU, "questing")
    with pytest.raises(RequestError, match="there is no release 'nobel'") as unknown:
        choose(recipe("x", "http://a.example/d/dists/acme"), releasever="nobel")
    assert unknown.value.hint == "--releasever=noble"


def test_a_mirror_of_ubuntu_has_everything_below_one_root() -> None:
    assert sources(UBUNTU, "noble", mirror="http://m.example/ubuntu/") == [
        ("http://m.example/ubuntu", "noble"),
        ("http://m.example/ubuntu", "noble-updates"),
        ("http://m.example/ubuntu", "noble-security"),
    ]
    assert sources(KALI, "rolling", mirror="http://m.example/kali") == [
        ("http://m.example/kali", "kali-rolling")
    ]


def test_a_host_is_asked_for_another_release_of_its_family() -> None:
    host = (
        HostSource("http://near.example/ubuntu", "questing", ("main",)),
        HostSource("http://safe.example/ubuntu", "questing-security", ("main",)),
    )
    assert sources(UBUNTU, "noble", host=host) == [
        ("http://near.example/ubuntu", "noble"),
        ("http://near.example/ubuntu", "noble-updates"),
        ("http://safe.example/ubuntu", "noble-security"),
    ]


def test_a_running_system_is_told_of_its_familys_own_archives() -> None:
    def told(family: AptFamily, release: str, architecture: str) -> str:
        asked = recipe(f"{family.name}-{release}")
        return family.scripts(
            asked, release, architecture=architecture, storage=join(asked), boot=None
        )["settings"]

    pc, arm = told(UBUNTU, "noble", "x86_64"), told(UBUNTU, "noble", "aarch64")
    assert (
        "'Types: deb\nURIs: http://archive.ubuntu.com/ubuntu\nSuites: noble noble-updates\n"
        "Components: main universe\nSigned-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg\n\n"
        "Types: deb\nURIs: http://security.ubuntu.com/ubuntu\nSuites: noble-security\n"
    ) in pc
    assert "> /etc/apt/sources.list.d/ubuntu.sources" in pc
    assert (
        "URIs: http://ports.ubuntu.com/ubuntu-ports\nSuites: noble noble-updates noble-security\n"
    ) in arm
    assert "archive.ubuntu.com" not in arm
    assert "Suites: kali-rolling\n" in told(KALI, "rolling", "x86_64")


@pytest.mark.parametrize(
    ("family", "named", "kernel"),
    [
        (DEBIAN, "", "linux-image-amd64"),
        (UBUNTU, "", "linux-image-virtual"),
        (UBUNTU, "linux-generic-hwe-24.04", ""),
        (UBUNTU, "linux-kvm", ""),
        (KALI, "linux-image-cloud-amd64", ""),
        (KALI, "linux-firmware", "linux-image-amd64"),
    ],
)
def test_an_author_who_names_a_kernel_gets_no_other(
    family: AptFamily, named: str, kernel: str
) -> None:
    found = needed(family, recipe("x", packages=named), "x86_64")
    assert [name for name in found if name.startswith("linux-")] == ([kernel] if kernel else [])


@pytest.mark.parametrize("family", APT, ids=lambda family: str(family.name))
def test_what_is_not_made_for_a_machine_is_refused(family: AptFamily) -> None:
    with pytest.raises(RecipeError, match="no grub is made here for arm64") as refused:
        needed(family, recipe("x"), "aarch64")
    assert "systemd-boot" in refused.value.hint
    arm = needed(family, recipe("x", loader="systemd-boot"), "aarch64")
    assert {"systemd-boot", family.machine("aarch64").kernel} <= set(arm)
    with pytest.raises(RecipeError, match=f"no packages of {family.title} are known for riscv64"):
        needed(family, recipe("x"), "riscv64")


def test_a_distribution_that_is_not_made_is_told_by_its_suite() -> None:
    with pytest.raises(RecipeError, match="Devuan is not made here: its init is not sys") as told:
        choose(recipe("x", "http://d.example/merged/dists/daedalus-security"))
    assert told.value.where == HERE
    assert told.value.hint == "repo --name=debian-trixie"


def test_nobody_can_have_apt_not_look_at_signatures() -> None:
    with pytest.raises(RequestError, match="--no-gpg-check x: apt's archives are always checked"):
        sources(DEBIAN, "trixie", mirror="http://m.example/debian", unchecked=("x",))
