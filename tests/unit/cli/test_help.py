"""`--help`, `--version`, and no words at all."""

import argparse
import re
from importlib import metadata

import pytest
from as_typed import Typed

from appliance.cli import COMMANDS, EXIT_CODES, creator, main, parser, virt_image
from appliance.cli.parsing import Parser
from appliance.errors import KINDS, ApplianceError, CatalogError

MOST = 20  # options in one help: as many as can be looked through


def described(command: str) -> Parser:
    """The parser of a command."""
    [verbs] = [
        action
        for action in parser(command)._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    found = verbs.choices[command]
    assert isinstance(found, Parser)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_names_all_its_options(typed: Typed, command: str) -> None:
    ended = typed(command, "--help-all")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"usage: appliance {command} ")
    for action in described(command)._actions:
        if action.help is argparse.SUPPRESS:  # an old name
            continue
        for word in action.option_strings:
            assert word in ended.out


def options_in(text: str) -> set[str]:
    """The long options that a help text describes, each at the start of a line."""
    return set(re.findall(r"^  (?:-\w(?: \S+)?, )?(--[\w-]+)", text, re.MULTILINE))


def test_the_help_of_build_shows_the_ten_options_that_most_need(typed: Typed) -> None:
    ended = typed("build", "--help")
    shown = options_in(ended.out) - {"--help", "--help-all"}
    assert len(shown) == 10
    assert {"--output", "--format", "--disk-size", "--ssh-key", "--repo"} <= shown
    assert "--store" not in ended.out
    [count] = re.findall(r"`appliance build --help-all` shows all (\d+) options", ended.out)
    more = options_in(typed("build", "--help-all").out) - {"--help", "--help-all"}
    assert shown < more
    assert len(more) == int(count)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_is_too_long_to_look_through(typed: Typed, command: str) -> None:
    ended = typed(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert len(options_in(ended.out)) <= MOST
    brief = bool(described(command).most)
    assert ("--help-all" in ended.out) == brief
    if not brief:
        assert ended.out == typed(command, "--help-all").out


@pytest.mark.parametrize("columns", ["40", "80"])
@pytest.mark.parametrize("command", COMMANDS)
def test_examples_end_each_help(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, command: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    declared = described(command).examples
    assert declared
    for word in ("--help", "--help-all"):
        said = typed(command, word).out.partition("\nexamples:\n")[2]
        assert [line[4:] for line in said.splitlines() if line.startswith("    ")] == [
            each.command for each in declared
        ]
        assert said.endswith(f"    {declared[-1].command}\n")


@pytest.mark.parametrize("program", [main, creator.main, virt_image.main])
def test_the_exit_codes_are_told(typed: Typed, program: object) -> None:
    ended = typed("--help", program=program)
    assert ended.code == 0
    told = " ".join(ended.out.split())
    assert " ".join(EXIT_CODES.split()) in told
    for code in {kind.exit_code for kind in KINDS.values()}:
        assert f"{code} " in EXIT_CODES


def test_what_is_promised_but_not_there_is_marked_as_such() -> None:
    assert "6 a catalog (kept for later: nothing ends with it yet)" in EXIT_CODES
    assert (CatalogError.__doc__ or "").startswith("Not raised yet")
    assert "catalog" not in COMMANDS
    assert ApplianceError.__subclasses__()


def test_the_commands_are_listed(typed: Typed) -> None:
    ended = typed("--help")
    for name, text in COMMANDS.items():
        assert name in ended.out
        assert text.split(",")[0] in " ".join(ended.out.split())


def test_the_version_is_the_packages(typed: Typed) -> None:
    assert typed("--version").out == f"appliance-tools {metadata.version('appliance-tools')}\n"
