"""`appliance lint`: its rules, its findings, its exit codes."""

import json
from pathlib import Path

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
