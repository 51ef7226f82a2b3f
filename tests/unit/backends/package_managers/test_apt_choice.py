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

    (package,) = apt_choice.packages_of(said, (DEBIAN,), frozenset({("apt", "amd64")}))

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


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("nginx=1.26*", "nginx=1.26*"),
        ("nginx = 1.26-1", "nginx=1.26-1"),
        ("nginx/trixie-backports", "nginx/trixie-backports"),
        ("nginx:i386", "nginx:i386"),
    ],
)
def test_a_version_a_suite_and_an_architecture_may_be_named(line: str, word: str) -> None:
    assert words(names=wanted(line))[3:] == (word,)


def test_a_range_of_versions_is_refused() -> None:
    with pytest.raises(RecipeError, match="apt takes one version, not a range"):
        words(names=wanted("nginx >= 1.2"))


def test_other_architectures_are_those_that_names_ask_for() -> None:
    packages = Packages(
        names=wanted("a:i386", "b:amd64", "c:any", "d", "e:i386=1", "f:x][trusted=yes")
    )

    assert apt_choice.foreign(packages, "amd64") == ("i386",)
    assert 'APT::Architectures { "amd64"; "i386"; };' in apt_choice.configuration(
        "/s", "amd64", {}, ("i386",)
    )


def test_beside_other_architectures_patterns_are_for_the_images_own() -> None:
    choice = apt_choice.choose(Packages(), (), KNOWN, own="amd64")

    assert choice.essential == ("?and(?essential,?architecture(amd64))",)
    assert "?and(?priority(required),?architecture(amd64))" in choice.words


def test_a_cost_is_a_priority_the_other_way_round() -> None:
    costs = {"trixie": 1000, "own": 10, "last": 5000}
    assert [apt_choice.pin(cost, None) for cost in costs.values()] == [500, 990, 1]
    assert [apt_choice.pin(10, number) for number in (99, 50, 1)] == [500, 745, 990]
    assert apt_choice.pin(None, None) is None
    text = apt_choice.priorities([("own", 990)])
    assert text == "Package: *\nPin: release own\nPin-Priority: 990\n\n"


@pytest.mark.parametrize(
    ("said", "problem", "hint"),
    [
        (
            "E: Version '9' for 'nginx' was not found\n",
            "a.ks:7: there is no version '9' of nginx",
            "apt-cache policy nginx",
        ),
        (
            "E: Release 'sid' for 'nginx:amd64' was not found\n",
            "a.ks:7: there is no release 'sid' of nginx",
            "apt-cache policy nginx",
        ),
        (
            "Package nginx is a virtual package provided by:\n  a 1 (= 1)\n  b 2\n"
            "You should explicitly select one to install.\n",
            "a.ks:7: 'nginx' is what several packages provide",
            "a or b",
        ),
    ],
)
def test_what_apt_has_nothing_for_is_told_with_its_line(said: str, problem: str, hint: str) -> None:
    error = apt_choice.conflict(said, Packages(names=wanted("nginx=9")))

    assert problem in str(error)
    assert hint in error.hint
