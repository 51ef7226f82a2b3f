"""`appliance lint`: its rules, its findings, its exit codes."""

import json
from pathlib import Path

import pytest
from as_typed import Typed

from appliance.backends import image_rules
from appliance.backends.ova_rules import RULES

EVERY = [rule.name for rule in (*RULES, *image_rules.every_rule(tuple(image_rules.KNOWN)))]


def test_the_rules_are_listed(typed: Typed) -> None:
    ended = typed("lint", "--rules")
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.splitlines()) == len(EVERY)
    said = json.loads(typed("lint", "--rules", "--json").out)
    assert [each["rule"] for each in said] == EVERY
    assert all(each["source"] for each in said)


def test_what_is_no_ova(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ova").write_text("text\n")
    ended = typed("lint", "web.ova")
    assert (ended.code, ended.err) == (2, "")
    assert ended.out.splitlines()[-1].startswith("web.ova: ")
    assert "error: " in ended.out
    said = json.loads(typed("lint", "web.ova", "--json").out)
    assert {each["level"] for each in said} == {"error"}


def test_what_is_not_there_or_not_named(typed: Typed) -> None:
    ended = typed("lint", "web.ova")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "appliance: there is no web.ova\n"
    assert typed("lint").err == (
        "appliance: which image?\n  try: appliance lint IMAGE, or appliance lint FILE.ova\n"
    )


def test_one_question_at_a_time(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.raw").write_text("x")
    ended = typed("lint", "web.raw", "--marks", "--conventions")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "appliance: --marks and --conventions are two questions\n  try: one after the other\n"
    )


@pytest.mark.parametrize("words", [("web.ova",), ("web.raw", "--conventions")])
@pytest.mark.parametrize(
    "option", [("--junit", "a.xml"), ("--allow", "job"), ("--sheet", "a.toml")]
)
def test_an_option_that_would_do_nothing_is_refused(
    typed: Typed, tmp_path: Path, words: tuple[str, ...], option: tuple[str, str]
) -> None:
    for name in ("web.raw", "web.ova", "a.toml"):
        (tmp_path / name).write_text("")
    ended = typed("lint", *words, *option)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"appliance: {option[0]} is about what --leaks and --marks find, and that is not looked "
        f"for here\n  try: appliance lint --leaks {words[0]}\n"
    )
    assert not (tmp_path / "a.xml").exists()
