"""The manual pages: roff reads them without a complaint, and every option is in them."""

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from docs import manual

from appliance.cli import creator, parser, virt_image

GROFF = pytest.mark.skipif(not shutil.which("groff"), reason="groff-base is not installed")


def long_options(program: argparse.ArgumentParser) -> set[str]:
    """The words that start with two dashes, of a program and its commands."""
    return {
        word
        for each in (program, *manual.below(program))
        for action in each._actions
        if action.help is not argparse.SUPPRESS and not isinstance(action, argparse._HelpAction)
        for word in action.option_strings
        if word.startswith("--")
    }


@GROFF
@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("appliance.1", parser(everything=True)),
        ("appliance-creator.1", creator.parser()),
        ("virt-image.1", virt_image.parser()),
    ],
)
def test_a_page(tmp_path: Path, name: str, program: argparse.ArgumentParser) -> None:
    manual.write(tmp_path)
    words = ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", tmp_path / name]
    made = subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8")
    assert made.stderr == ""
    flowing = re.sub(r"[\u2010-]\n +", "", made.stdout)
    lacking = {
        word for word in long_options(program) if word not in made.stdout and word not in flowing
    }
    assert not lacking
    assert f"{program.prog} - " in made.stdout


def test_text_is_never_a_command() -> None:
    assert manual.plain(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert manual.plain("'quoted'").startswith("\\&'")
    assert manual.plain("back\\slash -x …") == "back\\eslash \\-x \\[u2026]"
