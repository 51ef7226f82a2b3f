"""Groups and environments: what a recipe's lines stand for."""

from pathlib import Path

import pytest

from appliance.backends.package_managers import comps
from appliance.backends.package_managers.comps import Comps
from appliance.errors import RecipeError, SourceError, Where
from appliance.recipe.model import Packages, WantedGroup, WantedPackage
from rpm_distribution.comps import Environment, Group
from rpm_distribution.comps import comps as written

HERE = Where(Path("a.ks"), 7)
PARTS = (
    Group("core", "Core", "bash setup", "dnf", "tar"),
    Group(
        "web", "Web Server", "httpd", "mod_ssl", "php",
        conditional={"httpd-manual": "man-db", "php-fpm": "php"},
    ),
    Group("mail", "Mail", "postfix"),
    Environment("server", "A Server", "core web", "mail"),
)  # fmt: skip


@pytest.fixture
def known() -> Comps:
    return comps.parse(written(PARTS).encode(), "base")


def group(name: str, level: str = "default") -> tuple[WantedGroup, ...]:
    return (WantedGroup(name, HERE, level),)


def wanted(*names: str) -> tuple[WantedPackage, ...]:
    return tuple(WantedPackage(name, HERE) for name in names)


def names(packages: Packages, known: Comps) -> list[str]:
    return sorted(comps.expand(packages, known).names)


def test_the_core_comes_unless_it_is_left_out(known: Comps) -> None:
    assert names(Packages(), known) == ["bash", "dnf", "setup"]
    assert names(Packages(core=False), known) == []
    assert names(Packages(), comps.EMPTY) == []  # a repository without groups


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("mandatory", ["httpd"]),
        ("default", ["httpd", "mod_ssl"]),
        ("optional", ["httpd", "mod_ssl", "php"]),
    ],
)
def test_each_level_has_those_before_it(known: Comps, level: str, expected: list[str]) -> None:
    assert names(Packages(core=False, groups=group("web", level)), known) == expected


def test_conditional_packages_are_pairs(known: Comps) -> None:
    expansion = comps.expand(
        Packages(core=False, groups=group("web"), excluded=wanted("php*")), known
    )
    assert expansion.conditional == (("httpd-manual", "man-db"),)


@pytest.mark.parametrize("name", ["web", "Web Server", "web server"])
def test_a_group_is_found_by_its_id_and_by_what_people_call_it(known: Comps, name: str) -> None:
    assert names(Packages(core=False, groups=group(name)), known) == ["httpd", "mod_ssl"]


def test_an_environment_is_its_groups_without_the_optional_ones(known: Comps) -> None:
    server = WantedPackage("server", HERE)
    every = ["bash", "dnf", "httpd", "mod_ssl", "setup"]
    assert names(Packages(environment=server), known) == every
    assert names(Packages(environment=server, core=False), known) == ["httpd", "mod_ssl"]
    without = Packages(environment=server, excluded_groups=wanted("web"))
    assert names(without, known) == ["bash", "dnf", "setup"]
    # a group that is asked for and excluded: the line of its own counts
    assert "httpd" in names(
        Packages(environment=server, excluded_groups=wanted("web"), groups=group("web")), known
    )


def test_excluded_packages_and_globs_are_left_out(known: Comps) -> None:
    assert names(Packages(excluded=wanted("d*", "setup")), known) == ["bash"]


def test_what_no_repository_has_is_named_with_its_place_and_the_nearest(known: Comps) -> None:
    with pytest.raises(RecipeError) as caught:
        comps.expand(Packages(groups=group("wbe")), known)
    assert str(caught.value) == "a.ks:7: no repository has the group 'wbe'\n  try: @web"
    with pytest.raises(RecipeError) as caught:
        comps.expand(Packages(environment=WantedPackage("servre", HERE)), known)
    assert (
        str(caught.value) == "a.ks:7: no repository has the environment 'servre'\n  try: @^server"
    )


def test_what_no_repository_has_can_be_ignored(known: Comps) -> None:
    packages = Packages(
        groups=group("wbe"), environment=WantedPackage("servre", HERE), ignore_missing=True
    )
    assert names(packages, known) == ["bash", "dnf", "setup"]


def test_repositories_add_to_each_others_groups(known: Comps) -> None:
    more = comps.parse(
        written(
            [
                Group("web", "Web Server", "nginx", conditional={"a": "b"}),
                Environment("server", "A Server", "mail"),
            ]
        ).encode(),
        "updates",
    )
    united = comps.merge([known, more])
    assert united.groups["web"].packages["mandatory"] == ("httpd", "nginx")
    assert ("a", "b") in united.groups["web"].conditional
    assert united.environments["server"].groups == ("core", "web", "mail")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>Welcome!",
        b"\x00\xff" * 100,
        b"<comps>" + b"<group>" * 100_000,
        b'<!DOCTYPE comps [<!ENTITY a "' + b"a" * 100_000 + b'"><!ENTITY b "'
        + b"&a;" * 5000 + b'"><!ENTITY c "' + b"&b;" * 5000 + b'">]><comps><group><id>&c;</id>'
        b'<name n="&c;"/></group></comps>',
    ],
)  # fmt: skip
def test_what_is_no_group_file_is_refused_with_its_repository(text: bytes) -> None:
    with pytest.raises(SourceError, match="the group file of base cannot be read"):
        comps.parse(text, "base")


def test_groups_without_anything_harm_nobody() -> None:
    text = b"<comps><group/><environment/><group><packagelist><packagereq/></packagelist></group>"
    known = comps.parse(text + b"</comps>", "base")
    assert names(Packages(), known) == []


def test_no_entity_reads_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("words")
    text = f'<!DOCTYPE comps [<!ENTITY s SYSTEM "{secret.as_uri()}">]>' + (
        "<comps><group><id>core</id><packagelist><packagereq>&s;</packagereq></packagelist>"
        "</group></comps>"
    )
    assert "words" not in names(Packages(), comps.parse(text.encode(), "base"))
