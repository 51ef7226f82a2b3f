"""Names that options had once: accepted, not shown, and the page of words tells them."""

import argparse
import re
from pathlib import Path

import pytest

from appliance.bundle.model import UEFI, Port
from appliance.cli import parser

WORDS = (Path(__file__).parents[3] / "docs/reference/words.md").read_text()


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        (["build", "a.ks", "--network", "none"], "network", "none"),
        (["build", "a.ks", "--script-network=none"], "network", "none"),
        (["build", "a.ks", "--package", "ova"], "package", ["ova"]),
        (["build", "a.ks", "--bundle", "ova", "--package", "zip"], "package", ["ova", "zip"]),
        (["build", "a.ks", "--port", "53/udp"], "port", [Port(53, "udp")]),
        (["convert", "a", "--product-port", "53/udp"], "port", [Port(53, "udp")]),
        (["run", "a", "--port", "8080:80", "--forward", "1:2"], "forward", ["8080:80", "1:2"]),
        (["run", "a", "--password", "x"], "root_password", "x"),
        (["run", "a", "--uefi"], "firmware", UEFI),
        (["run", "a", "--firmware", "uefi"], "firmware", UEFI),
        (["run", "a"], "firmware", ""),
        (["test", "a", "--ssh-key", __file__], "ssh_key", Path(__file__)),
        (["test", "a", "--login-key", __file__], "ssh_key", Path(__file__)),
    ],
)
def test_old_and_new_mean_the_same(words: list[str], field: str, value: object) -> None:
    assert getattr(parser(words[0]).parse_args(words), field) == value


def test_old_names_are_not_shown_and_are_on_the_page_of_words() -> None:
    whole = parser(everything=True)._subparsers
    assert whole is not None
    choices = whole._group_actions[0].choices
    assert isinstance(choices, dict)
    for command in choices.values():
        shown = command.format_help()
        for action in command._actions:
            for word in action.option_strings if action.help is argparse.SUPPRESS else ():
                assert not re.search(rf"{word}(?![\w-])", shown)
                assert f"`{word}`" in WORDS
