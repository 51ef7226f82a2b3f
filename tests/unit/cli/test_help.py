"""`--help`, `--version`, and no words at all."""

import argparse
from importlib import metadata

import pytest
from as_typed import Typed

from appliance.cli import COMMANDS, EXIT_CODES, creator, main, parser, virt_image
from appliance.errors import KINDS, ApplianceError, CatalogError


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_names_all_its_options(typed: Typed, command: str) -> None:
    ended = typed(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"usage: appliance {command} ")
    whole = parser(command)
    [verbs] = [
        action for action in whole._actions if isinstance(action, argparse._SubParsersAction)
    ]
    for action in verbs.choices[command]._actions:
        if action.help is argparse.SUPPRESS:  # an old name
            continue
        for word in action.option_strings:
            assert word in ended.out


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
