"""Text of strangers cannot steer the terminal that it is printed on."""

from pathlib import Path

import pytest

from appliance.backends.ova_rules import Finding
from appliance.cli.difference_text import line
from appliance.cli.lint import text
from appliance.cli.printable import printable, told
from appliance.cli.test import line as check_line
from appliance.difference.spans import Difference
from appliance.errors import RequestError, Where
from appliance.trial.report import Check

STEERING = {
    "a\x1b[2Jb": "a\\x1b[2Jb",
    "a\rb": "a\\rb",
    "a\nb": "a\\nb",
    "a\x9bb": "a\\x9bb",
    "a\x7fb": "a\\x7fb",
    "a\u202eb": "a\\u202eb",
    "a\udcffb": "a\\udcffb",
    "Größe 1\t2 …": "Größe 1\t2 …",
}


@pytest.mark.parametrize(("name", "shown"), STEERING.items())
def test_only_what_is_printed_stays(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_an_error_keeps_its_own_lines_only() -> None:
    name = "a\n\x1b\x9bb"
    error = RequestError(f"no {name}", hint=name, where=Where(Path(name), 7), tail=(name, "two"))
    shown = "a\\n\\x1b\\x9bb"
    assert told(error) == f"{shown}:7: no {shown}\n  | {shown}\n  | two\n  try: {shown}"


def test_differences_and_findings_are_one_line_each() -> None:
    assert line(Difference("p", "file a\nb\x1b", "1")) == "p: file a\\nb\\x1b: 1 | "
    said = text([Finding("error", "r", "a\nb\x9b", "s", "x")], Path("c\nd"))
    assert "a\\nb\\x9b" in said
    assert said.splitlines()[-1].startswith("c\\nd: ")


def test_what_a_guest_answered_is_one_line() -> None:
    assert "\\x1b[2J\\x9b" in check_line("bios", Check("own", 1.0, True, "\x1b[2J\x9b\nmore"))
