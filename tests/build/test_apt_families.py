"""Families of apt besides Debian, asked by real apt in archives that are made and signed here."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import tiny_distribution as tiny
from building import Yard
from tiny_distribution import Package

NOBLE = ("noble", "noble-updates", "noble-security")
# name: origin, suites
ARCHIVES = {
    "ubuntu": ("Ubuntu", NOBLE),
    "posing": ("Ubuntu", ("trixie",)),
    "kali": ("Kali", ("kali-rolling",)),
    "devuan": ("Devuan", ("stable",)),
    "acme": ("Acme", ("stable",)),
}
KICKSTART = """\
repo --name={repository}
part / --fstype=ext4 --size=64
bootloader --disabled
%packages --nocore
new
-e2fsprogs
%end
"""


@pytest.fixture(scope="module")
def families(archives: Path, open_place: Path) -> Iterator[Path]:
    """Archives of several distributions, all with the same packages, and the key for them."""
    place = archives / "families"
    with tiny.signer(open_place / "families") as (ours, key):
        for name, (origin, suites) in ARCHIVES.items():
            for number, suite in enumerate(suites):
                new = Package("new", version=f"1.{number}")
                packages = (tiny.base(), new) if not number else (new,)
                tiny.publish(place / name, packages, sign=ours, suite=suite, origin=origin)
        yield key


def locked(yard: Yard, key: Path, *words: str, repository: str, status: int = 0) -> str:
    """What `lock` comes to: the lock's text, or what was said."""
    recipe = yard.place / "x.ks"
    recipe.write_text(KICKSTART.format(repository=repository))
    yard.keyring = key
    ended = yard.run("lock", recipe, *words)
    assert ended.status == status, ended.err
    return ended.err if status else recipe.with_suffix(".lock").read_text()


def at(yard: Yard, name: str) -> str:
    return f"{yard.mirror.url}/families/{name}"


def test_a_release_of_ubuntu_is_its_three_archives(yard: Yard, families: Path) -> None:
    mirror = ("--mirror", at(yard, "ubuntu"))
    lock = json.loads(locked(yard, families, *mirror, repository="ubuntu-24.04"))

    assert (lock["family"], lock["release"]) == ("ubuntu", "noble")
    assert [item["suite"] for item in lock["repositories"]] == list(NOBLE)
    (new,) = (item for item in lock["packages"] if item["name"] == "new")
    assert new["version"] == "1.2"  # which the security updates have


def test_kali_is_one_archive_that_rolls(yard: Yard, families: Path) -> None:
    mirror = ("--mirror", at(yard, "kali"))
    lock = json.loads(locked(yard, families, *mirror, repository="kali-rolling"))

    assert (lock["family"], lock["release"]) == ("kali", "rolling")
    assert [item["suite"] for item in lock["repositories"]] == ["kali-rolling"]


@pytest.mark.parametrize(
    ("name", "says", "hint"),
    [
        ("devuan", "/devuan stable is Devuan's, which is not made here: its init is", "repo --n"),
        ("acme", "/acme stable is made for: it says that it is 'Acme'", "--releasever with the "),
    ],
)
def test_an_archive_of_no_family_is_refused_by_its_name(
    yard: Yard, families: Path, name: str, says: str, hint: str
) -> None:
    line = f"x --baseurl={at(yard, name)}/dists/stable"
    said = locked(yard, families, repository=line, status=7)
    assert says in said
    assert f"try: {hint}" in said


def test_what_somebody_says_of_an_unknown_archive_is_believed(yard: Yard, families: Path) -> None:
    line = f"x --baseurl={at(yard, 'acme')}/dists/stable"
    lock = json.loads(locked(yard, families, "--releasever", "noble", repository=line))
    assert (lock["family"], lock["release"]) == ("ubuntu", "noble")


def test_an_archive_of_ubuntu_is_not_taken_for_debian(yard: Yard, families: Path) -> None:
    line = f"x --baseurl={at(yard, 'posing')}/dists/trixie"
    said = locked(yard, families, repository=line, status=7)
    assert "/posing trixie is Ubuntu's, by its Origin; this image would be one of Debian" in said
    assert "try: --releasever noble" in said

    line = f"x --baseurl={at(yard, 'ubuntu')}/dists/noble"
    lock = json.loads(locked(yard, families, repository=line))
    assert (lock["family"], lock["release"]) == ("ubuntu", "noble")


def test_a_file_of_sources_gives_packages_too(yard: Yard, families: Path) -> None:
    file = yard.place / "more.sources"
    file.write_text(
        f"Types: deb\nURIs: {at(yard, 'acme')}\nSuites: stable\nComponents: main\n"
        f"Signed-By: {families}\n"
    )
    mirror = ("--mirror", at(yard, "kali"), "--repo", str(file))
    lock = json.loads(locked(yard, families, *mirror, repository="kali-rolling"))
    assert [item["name"] for item in lock["repositories"]] == ["kali", "more"]
