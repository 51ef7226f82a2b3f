"""`appliance new`: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest
from as_typed import Typed

from appliance.scaffold.templates import KNOWN


def test_it_says_what_was_made_and_what_to_type_next(typed: Typed) -> None:
    ended = typed("new", "shop", "--like", "web", "--family", "debian", "--vendor", "ACME")

    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "shop: web, on debian"
    assert "  shop.ks" in lines
    assert lines[-4:] == [
        "next:", "  cd shop", "  appliance build shop.ks",
        "  appliance test out/shop --check check.sh",
    ]  # fmt: skip
    assert 'vendor = "ACME"' in Path("shop/shop.toml").read_text()
    assert typed("check", "shop/shop.ks").code == 0


def test_programs_are_told_the_same(typed: Typed) -> None:
    said = json.loads(typed("new", "a b/shop", "--like", "python", "--json").out)

    assert set(said) == {"name", "kind", "family", "directory", "files", "next"}
    assert (said["name"], said["kind"], said["directory"]) == ("shop", "python", "a b/shop")
    assert said["next"][0] == "cd 'a b/shop'"
    assert all(Path(said["directory"], file).is_file() for file in said["files"])


def test_kinds_are_listed_with_a_line_each(typed: Typed) -> None:
    lines = typed("new", "--list").out.splitlines()
    assert [line.split()[0] for line in lines] == list(KNOWN)
    assert max(map(len, lines)) <= 100
    assert [row["name"] for row in json.loads(typed("new", "--list", "--json").out)] == list(KNOWN)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "what is it called?"),
        (("My Shop",), "'My Shop' is no name for an appliance"),
        (("shop", "--like", "wbe"), "web"),
        (("shop", "--family", "rhel"), "debian, fedora, centos-stream"),
        (("shop", "--vendor", "a\x1bb"), "--vendor"),
    ],
)
def test_what_cannot_be_is_refused(words: tuple[str, ...], said: str, typed: Typed) -> None:
    ended = typed("new", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "try: " in ended.err
    assert not list(Path().iterdir())


@pytest.mark.parametrize("place", [".", "..", "/"])
def test_a_place_without_a_name(typed: Typed, place: str) -> None:
    ended = typed("new", place)
    assert ended.code == 2
    assert f"'{place}' names no directory to be made" in ended.err
