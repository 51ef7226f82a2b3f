"""Where Debian's packages come from, and what its images need."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.families import AptSource, HostSource, apt_repositories, choose
from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.question import Question
from appliance.backends.families.shell import debian as shell
from appliance.errors import RecipeError, RequestError, SourceError, Where
from appliance.layout.join import join
from appliance.layout.storage import Storage
from appliance.recipe.model import Packages, Recipe, Repository, WantedPackage
from appliance.recipe.repository_options import RepositoryOptions
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings, Volume

HERE = Where(Path("web.ks"), 3)
KEYRING = DEBIAN.keyring
PC = "x86_64"
HOST = (
    HostSource("http://near.example/debian", "bookworm", ("main",)),
    HostSource("http://near.example/debian", "bookworm-updates", ("main",)),
    HostSource("http://safe.example/debian-security", "bookworm-security", ("main",)),
)


def recipe(*lines: tuple[str, str]) -> Recipe:
    return Recipe(
        name="web",
        repositories=tuple(Repository(name, url, HERE) for name, url in lines),
        packages=Packages(),
        volumes=(Volume("/", "ext4", 1 << 30, "sda", HERE),),
        table="gpt",
        boot_loader=BootSettings(),
        settings=Settings(),
        scripts=(),
        notes=(),
        source="",
    )


def needed(asked: Recipe) -> tuple[str, ...]:
    return DEBIAN.needed_packages(asked, join(asked), architecture="x86_64")


def sources(
    *lines: tuple[str, str], release: str = "trixie", mirror: str = "", host: object = ()
) -> tuple[AptSource, ...]:
    question = Question(recipe(*lines), Storage(), RepositoryOptions(mirror=mirror))
    return apt_repositories.sources(
        DEBIAN,
        question,
        release,
        host_sources=host,  # type: ignore[arg-type]
        keyring=KEYRING,
    )


@pytest.mark.parametrize(
    ("lines", "releasever", "release"),
    [
        ([("debian-trixie", "")], "", "trixie"),
        ([("debian-trixie", "")], "bookworm", "bookworm"),
        ([("debian-trixie", "")], "12", "bookworm"),
        ([("x", "http://a.example/debian/dists/bookworm")], "", "bookworm"),
        ([("x", "http://a.example/debian/dists/bookworm-backports")], "", "bookworm"),
        ([("x", "http://a.example/debian/dists/bookworm-updates/")], "trixie", "bookworm"),
        ([("x", "http://a.example/debian/dists/sid?components=main")], "", "sid"),
        ([("x", "http://a.example/debian/dists/sid")], "trixie", "trixie"),
        ([("x", "http://a.example/v/dists/stable"), ("debian-trixie", "")], "", "trixie"),
    ],
)
def test_the_repositories_say_the_release(
    lines: list[tuple[str, str]], releasever: str, release: str
) -> None:
    family, found = choose(recipe(*lines), releasever=releasever)
    assert (family.name, found) == ("debian", release)


def test_a_name_that_nobody_knows_meets_its_nearest() -> None:
    with pytest.raises(RecipeError) as refused:
        choose(recipe(("debian-trixy", "")))
    assert refused.value.where == HERE
    assert "repo --name=debian-trixie" in refused.value.hint


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(RecipeError) as refused:
        choose(recipe())
    assert "repo debian-trixie" in refused.value.hint
    family, release = choose(recipe(("x", "http://a.example/linux/releases/40")))
    assert (family.name, release) == ("fedora", "")
    with pytest.raises(RecipeError, match="cannot make one image"):
        choose(recipe(("debian-trixie", ""), ("debian-bookworm", "")))
    with pytest.raises(RequestError, match="no release 'trixi'") as unknown:
        choose(recipe(("debian-trixie", "")), releasever="trixi")
    assert unknown.value.hint == "--releasever=trixie"


def test_a_known_repository_is_where_the_host_is_updated_from() -> None:
    assert sources(("debian-bookworm", ""), release="bookworm", host=HOST) == (
        AptSource("debian", "http://near.example/debian", "bookworm", ("main",), KEYRING, True),
        AptSource(
            "debian-updates",
            "http://near.example/debian",
            "bookworm-updates",
            ("main",),
            KEYRING,
            known=True,
        ),
        AptSource(
            "debian-security",
            "http://safe.example/debian-security",
            "bookworm-security",
            ("main",),
            KEYRING,
            known=True,
        ),
    )


def test_another_release_of_the_host_s_family_is_in_the_same_archives() -> None:
    found = sources(("debian-trixie", ""), host=HOST)
    assert [(source.url, source.suite) for source in found] == [
        ("http://near.example/debian", "trixie"),
        ("http://near.example/debian", "trixie-updates"),
        ("http://safe.example/debian-security", "trixie-security"),
    ]


def test_a_host_without_security_updates_is_asked_beside_its_archive() -> None:
    found = sources(("debian-trixie", ""), host=HOST[:1])
    assert [source.url for source in found] == [
        "http://near.example/debian",
        "http://near.example/debian",
        "http://near.example/debian-security",
    ]


def test_a_mirror_goes_before_the_host() -> None:
    found = sources(("debian-trixie", ""), mirror="http://m.example/x/debian/", host=HOST)
    assert [source.url for source in found] == [
        "http://m.example/x/debian",
        "http://m.example/x/debian",
        "http://m.example/x/debian-security",
    ]


def test_without_mirror_and_host_nothing_is_guessed() -> None:
    with pytest.raises(SourceError) as refused:
        sources(("debian-trixie", ""))
    assert refused.value.hint.startswith("--mirror URL")
    assert refused.value.where == HERE


@pytest.mark.parametrize("mirror", ["trixie", "http://m.example", "http://m/debian/dists/trixie"])
def test_a_mirror_is_an_archive_s_root(mirror: str) -> None:
    with pytest.raises(RequestError, match="not the root of an archive"):
        sources(("debian-trixie", ""), mirror=mirror)


def test_a_url_says_suite_components_and_keys() -> None:
    url = "https://v.example/apt/dists/trixie?components=main,contrib&signed-by=/k/v.gpg"
    assert sources(("x", url), ("y", "file:///srv/debian/dists/sid")) == (
        AptSource("x", "https://v.example/apt", "trixie", ("main", "contrib"), "/k/v.gpg"),
        AptSource("y", "file:///srv/debian", "sid", ("main",), KEYRING),
    )


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://a.example/fedora/40", "not an address of apt packages"),
        ("ftp://a.example/debian/dists/trixie", "not an address of apt packages"),
        ("http://a.example/debian/dists/", "not an address of apt packages"),
        ("http://a.example/debian/dists/trixie?components=main,", "cannot be a component"),
        ("http://a.example/debian/dists/trixie?components=ma in", "cannot be a component"),
        ("http://a.example/debian/dists/trixie?section=main", "unknown word 'section'"),
        ("http://a.example/debian/dists/trixie?signed-by=key.gpg", "not an absolute path"),
    ],
)
def test_a_url_that_is_not_apt_s_is_refused_at_its_line(url: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says) as refused:
        sources(("x", url))
    assert refused.value.where == HERE


def test_two_repositories_cannot_share_a_name() -> None:
    with pytest.raises(RecipeError, match="two repositories are called 'debian'"):
        sources(("debian-trixie", ""), ("debian", "http://a.example/d/dists/x"), host=HOST)


def test_what_an_image_needs_to_start() -> None:
    plain = recipe(("debian-trixie", ""))
    usual = ("e2fsprogs", "initramfs-tools", "linux-image-amd64", "systemd-sysv", "udev")
    assert needed(plain) == usual
    cloud = replace(
        plain, packages=Packages(names=(WantedPackage("linux-image-cloud-amd64", HERE),))
    )
    assert "linux-image-amd64" not in needed(cloud)
    container = replace(
        plain, packages=Packages(core=False), boot_loader=BootSettings(enabled=False)
    )
    assert needed(container) == ("e2fsprogs",)
    without = replace(plain, packages=Packages(excluded=(WantedPackage("e2fsprogs", HERE),)))
    assert "e2fsprogs" not in needed(without)


def test_the_running_system_is_told_of_a_repository_that_is_installed() -> None:
    asked = recipe(("extra", "http://a.example/debian/dists/trixie?components=main,contrib"))
    local = recipe(("local", "file:///srv/debian/dists/trixie"))
    installed = replace(
        asked,
        repositories=tuple(
            replace(item, installed=True) for item in (*asked.repositories, *local.repositories)
        ),
    )
    script = DEBIAN.scripts(
        installed, "trixie", architecture=PC, storage=join(installed), boot=None
    )["settings"]
    assert (
        "'Types: deb\nURIs: http://a.example/debian\nSuites: trixie\nComponents: main contrib\n"
        f"Signed-By: {DEBIAN.keyring}\n' > /etc/apt/sources.list.d/extra.sources\n"
    ) in script
    assert "local.sources" not in script  # no other machine could reach it
    plain = DEBIAN.scripts(asked, "trixie", architecture=PC, storage=join(asked), boot=None)[
        "settings"
    ]
    assert "extra.sources" not in plain


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ("US/Eastern", "America/New_York"),
        ("America/New_York", "America/New_York"),
        ("No/Where", ""),
    ],
)
def test_a_zones_old_name_is_looked_up_in_what_tzdata_says(
    tmp_path: Path, zone: str, found: str
) -> None:
    (tmp_path / "America").mkdir()
    (tmp_path / "America/New_York").touch()
    (tmp_path / "tzdata.zi").write_text(
        "# version 2026\nL America/New_York US/Eastern\nL America/New_York EST5\n"
    )
    lines = shell.timezone(Settings(timezone=zone)).replace(shell.ZONES, str(tmp_path))
    script = lines.partition('if [ -e "' + str(tmp_path) + '/$zone" ]; then ln')[0] + "echo $zone"
    said = subprocess.run(["sh", "-eu"], input=script, text=True, capture_output=True, check=False)

    assert said.stdout.strip() == found
    assert bool(said.returncode) == (not found)
