"""A thousand command lines that nobody would type, and none ends in a traceback."""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import COMMANDS, creator, parser, virt_image
from appliance.errors import ApplianceError

LINES = 1000
ODD = (
    "", " ", ".", "/", "..", "-", "--", "-x", "~", "a b", "\n", "\x1b[31m", "ä", "\udce4", "0",
    "-1", "20G", "99999999999999999999", "1e9", "a:b", "a:", ":b", ":", "=", "A=", "a,b", ",", "{",
    "{name}", "env:", "file:", "https://", "file:///", "web.ks", "nosuch.ks", "x" * 300, "%s",
    "${HOME}", "qcow2", "none", "\x00",
)  # fmt: skip
OLD = {"appliance-creator": creator.parser, "virt-image": virt_image.parser}


def lines(dice: random.Random) -> Iterator[list[str]]:
    """Command lines of commands, their options and odd words, half of them in a likely order."""
    whole = parser(everything=True)._subparsers
    assert whole is not None
    choices = whole._group_actions[0].choices
    assert isinstance(choices, dict)
    for _ in range(LINES):
        command = dice.choice([*COMMANDS, *OLD])
        known = OLD[command]() if command in OLD else choices[command]
        options = [word for action in known._actions for word in action.option_strings]
        words = [] if command in OLD else [command]
        for _ in range(dice.randrange(6)):
            words.append(dice.choice(ODD))
            if options and dice.random() < 0.6:
                words += [dice.choice(options), dice.choice(ODD)]
        yield [command, *words]


def parse(command: str, words: list[str]) -> argparse.Namespace:
    """What the program of *command* understands."""
    whole = OLD[command]() if command in OLD else parser(words[0] if words else "")
    return whole.parse_args(words)


def test_each_is_understood_or_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    ends = {"understood": 0, "help": 0, "refused": 0}
    for command, *words in lines(random.Random(14)):
        try:
            parse(command, words)
            ends["understood"] += 1
        except ApplianceError as error:
            assert str(error)
            ends["refused"] += 1
        except SystemExit as ended:
            assert ended.code in (0, 2), words
            ends["help" if ended.code == 0 else "refused"] += 1
    capsys.readouterr()
    assert min(ends.values()) > 0, ends


@pytest.mark.parametrize(
    "command",
    ["build", "check", "plan", "lock", "flatten", "convert", "run", "test", "shell", "lint"],
)
def test_odd_things_to_work_on_are_refused(typed: Typed, tmp_path: Path, command: str) -> None:
    for word in ("", " ", ".", "/", "..", "-", "~", "\n", "\x1b[31m", "ä", "\udce4", "x" * 300):
        ended = typed(command, word)
        assert ended.code in (2, 3), word
        assert "\x1b" not in ended.out + ended.err
        assert (ended.out + ended.err).strip()
        assert {place.name for place in tmp_path.iterdir()} <= {"cache"}


def test_a_pipe_is_no_kickstart(typed: Typed) -> None:
    ended = typed("build", "-")
    assert ended.code == 2
    assert ended.err.startswith("appliance: -: a kickstart is read from a file")


@pytest.mark.parametrize("command", ["build", "check", "plan", "lock"])
def test_a_name_can_be_given_where_it_is_asked_for(typed: Typed, command: str) -> None:
    ended = typed(command, " web.ks")
    assert "--name NAME" in ended.out + ended.err
    named = typed(command, " web.ks", "--name", "web")
    assert "--name" not in named.out + named.err
    assert "there is no file" in named.out + named.err
