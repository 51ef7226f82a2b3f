"""The manual pages: roff reads them without a complaint, and every option and example is there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from docs import manual

from appliance.cli import COMMANDS, creator, parser, virt_image
from appliance.cli.help import shown_options
from appliance.cli.parsing import Parser

GROFF = pytest.mark.skipif(not shutil.which("groff"), reason="groff-base is not installed")
SPEC = (Path(__file__).parents[3] / "packaging/appliance-tools.spec").read_text()
WHOLE = parser(everything=True)
PAGES: dict[str, Parser] = {
    "appliance": WHOLE,
    **{f"appliance-{name}": manual.commands_of(WHOLE)[name] for name in COMMANDS},
    "appliance-creator": creator.parser(),
    "virt-image": virt_image.parser(),
}


def long_options(program: Parser, name: str) -> set[str]:
    """The words that start with two dashes, of a program or command and what has no own page."""
    below = [] if name == "appliance" else manual.commands_of(program).values()
    return {
        word
        for each in (program, *below)
        for action in shown_options(each)
        for word in action.option_strings
        if word.startswith("--")
    }


def read(place: Path, name: str) -> str:
    """A page as people see it on a terminal of 78 columns, from which nothing is missing."""
    words = ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", place / f"{name}.1"]
    made = subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8")
    assert made.stderr == ""
    return made.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with all pages."""
    place = tmp_path_factory.mktemp("man") / "man1"
    manual.write(place)
    return place


@GROFF
@pytest.mark.parametrize("name", PAGES)
def test_a_page(made: Path, name: str) -> None:
    program = PAGES[name]
    said = read(made, name)
    flowing = re.sub(r"[\u2010-]\n +", "", said)
    lacking = {
        word for word in long_options(program, name) if word not in said and word not in flowing
    }
    assert not lacking
    assert f"{name} - " in " ".join(said.split())  # lines are adjusted
    assert re.search(rf"^{name.upper()}\(1\)", said)
    for example in program.examples:
        assert f"\n           {example.command}\n" in said
    assert "\nEXAMPLES\n" in said or name == "appliance"


@GROFF
def test_the_page_of_the_program_leads_to_all_others(made: Path) -> None:
    assert {path.stem for path in made.iterdir()} == set(PAGES)
    said = read(made, "appliance")
    for name in PAGES:
        assert name == "appliance" or f"{name}(1)" in said
    for command, text in COMMANDS.items():
        assert re.search(
            rf"\n +appliance-{command}\(1\)\n? +{re.escape(text[0].upper() + text[1:])}\.\n", said
        )


def test_what_a_page_refers_to_is_there(made: Path) -> None:
    for path in made.iterdir():
        named = re.findall(r"\\fB([\w\\-]+)\\fR\(1\)", path.read_text())
        assert named
        assert {name.replace("\\", "") for name in named} <= set(PAGES)


def test_the_package_holds_every_page() -> None:
    patterns = re.findall(r"^/usr/share/man/man1/(\S+)\.gz$", SPEC, re.MULTILINE)
    for name in PAGES:
        assert any(Path(f"{name}.1").match(pattern) for pattern in patterns), name


def test_text_is_never_a_command() -> None:
    assert manual.plain(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert manual.plain("'quoted'").startswith("\\&'")
    assert manual.plain("back\\slash -x …") == "back\\eslash \\-x \\[u2026]"
