"""What apt is asked, and how its answers are read."""

from pathlib import Path

import pytest

from appliance.backends.families import AptSource
from appliance.backends.package_managers import apt_choice
from appliance.errors import RecipeError, SourceError, Where
from appliance.recipe.model import Packages, WantedPackage

HERE = Where(Path("a.ks"), 7)
DEBIAN = AptSource("debian", "http://h/debian", "trixie", ("main",), "/k.gpg")
KNOWN = ["apt", "bash", "nginx", "nginx-light", "task-ssh-server", "tzdata", "zsh"]


def wanted(*names: str) -> tuple[WantedPackage, ...]:
    return tuple(WantedPackage(name, HERE) for name in names)


def words(**parts: tuple[WantedPackage, ...]) -> tuple[str, ...]:
    return apt_choice.choose(Packages(**parts), (), KNOWN).words


def test_the_core_is_essential_required_and_apt() -> None:
    assert words() == ("?essential", "?priority(required)", "apt")
    bare = apt_choice.choose(Packages(core=False), (), KNOWN)
    assert bare.words == ("?essential",)


def test_a_glob_takes_what_matches_and_must_match_something() -> None:
    assert words(names=wanted("nginx*"))[3:] == ("nginx", "nginx-light")
    with pytest.raises(RecipeError, match="no package is called like 'q\\*'"):
        words(names=wanted("q*"))


def test_an_unknown_name_gives_its_place_and_the_nearest() -> None:
    with pytest.raises(RecipeError) as caught:
        words(names=wanted("ngnix"))

    assert str(caught.value) == "a.ks:7: there is no package 'ngnix'\n  try: nginx"


def test_groups_are_priorities_and_tasks() -> None:
    assert words(groups=wanted("standard"))[3:] == apt_choice.STANDARD
    assert words(groups=wanted("ssh-server"))[3:] == ("task-ssh-server",)
    with pytest.raises(RecipeError, match="there is no group '@nonsense'"):
        words(groups=wanted("nonsense"))


def test_what_is_excluded_is_in_no_pattern_and_never_taken() -> None:
    choice = apt_choice.choose(Packages(excluded=wanted("tzdata")), ("tzdata",), KNOWN)

    assert "?and(?priority(required),?not(?exact-name(tzdata)))" in choice.words
    assert "tzdata" not in choice.words
    text = apt_choice.preferences(choice.excluded)
    assert "Package: tzdata\nPin: release *\nPin-Priority: -1\n" in text


def test_a_name_is_more_than_a_glob_says() -> None:
    choice = apt_choice.choose(
        Packages(names=wanted("nginx"), excluded=wanted("nginx*")), (), KNOWN
    )

    assert "nginx" in choice.words
    assert "nginx" not in choice.excluded
    assert "nginx-light" in choice.excluded


@pytest.mark.parametrize(
    "source",
    [
        AptSource("x", "http://h/d", "sid [trusted=yes]", ("main",), "/k"),
        AptSource("x", "http://h/d e", "sid", ("main",), "/k"),
        AptSource("x", "http://h/d", "sid", ("main",), "/k trusted=yes"),
        AptSource("x", "http://h/d", "sid", ("main\ndeb",), "/k"),
    ],
)
def test_nothing_in_an_address_can_turn_verification_off(source: AptSource) -> None:
    with pytest.raises(SourceError, match="cannot be part of a repository's address"):
        apt_choice.sources_list((source,), "amd64")


def test_print_uris_becomes_locked_packages() -> None:
    said = (
        "Reading package lists...\n"
        f"'http://h/debian/pool/a/apt_1%3a2_amd64.deb' apt_1%3a2_amd64.deb 42 SHA256:{'ab' * 32}\n"
    )

    (package,) = apt_choice.packages_of(said, (DEBIAN,), frozenset({"apt"}))

    assert (package.name, package.version, package.architecture) == ("apt", "1:2", "amd64")
    assert (package.path, package.size, package.essential) == (
        "pool/a/apt_1%3a2_amd64.deb",
        42,
        True,
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "W: GPG error: http://h/debian trixie InRelease: … NO_PUBKEY 6ED0E7B82643E131\n"
            "E: The repository 'http://h/debian trixie InRelease' is not signed.\n",
            "http://h/debian trixie is signed with key 6ED0E7B82643E131, which is not in /k.gpg",
        ),
        (
            "E: The repository 'http://h/debian trixie Release' is not signed.\n",
            "http://h/debian trixie is not signed",
        ),
        (
            "E: Release file for http://h/debian/x is expired (invalid since 3d)\n",
            "is stale",
        ),
        ("Err:1 http://h/debian\n  Could not connect\n", "cannot be read: http://h/debian"),
    ],
)
def test_why_an_update_failed_is_said_by_name(said: str, words: str) -> None:
    assert words in str(apt_choice.update_error(said, (DEBIAN,)))


def test_an_excluded_package_that_is_needed_names_who_needs_it() -> None:
    said = " nginx : Depends: libssl3 (>= 3) but it is not installable\n"
    packages = Packages(excluded=wanted("libssl3"))

    error = apt_choice.conflict(said, packages)

    assert "a.ks:7: -libssl3 cannot be left out: nginx needs it" in str(error)
