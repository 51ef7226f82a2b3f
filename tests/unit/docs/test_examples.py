"""What the documentation shows works as far as it can be seen without building: its commands are
taken, its kickstarts and sheets can be built. tests/boot builds and starts them."""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.bundle.sheet import Sheet
from appliance.cli import creator, parser, virt_image
from appliance.cli.help import Example as Shown
from appliance.cli.parsing import Parser
from appliance.creation.foresee import Launched, foresee
from appliance.handover.form import Handover
from appliance.handover.sheets import sheet_of
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides, Reading
from appliance.recipe.repository_options import RepositoryOptions
from documentation import COMMANDS, KICKSTARTS, SHEETS, TOP, Example, bring, whole

FILES = (
    "README",
    "web.ks",
    "web.toml",
    "key.pem",
    "key.pub",
    "tracker.json",
    "judged.cdx.json",
    "certificate.pem",
    "company.repo",
    "out/web.ova",
    "out/web.tar.zst",
    "disk.qcow2",
    "ovf-env.iso",
    "setup.sh",
    "theirs.ova",
    "smoke.sh",
    "check.sh",
    "greeter/check.sh",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the files that the pages speak of."""
    (tmp_path / "out").mkdir()
    (tmp_path / "greeter").mkdir()
    for name in FILES:
        (tmp_path / name).write_text("x")
    bring(tmp_path)
    (tmp_path / "licences").mkdir()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519.pub").write_text("ssh-ed25519 AAAA me\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADMIN_PASSWORD", "open-sesame")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def programs() -> Iterator[Parser]:
    """Each program, its commands, and theirs."""
    todo = [parser(everything=True), creator.parser(), virt_image.parser()]
    for each in todo:
        assert isinstance(each, Parser)
        for action in each._actions:
            if isinstance(action, argparse._SubParsersAction):
                todo += action.choices.values()
        yield each


DECLARED = [(each.prog, example) for each in programs() for example in each.examples]


@pytest.mark.parametrize(
    ("place", "program", "words"),
    [
        *COMMANDS,
        *(
            (f"{command} --help", command.split()[0], example.words)
            for command, example in DECLARED
        ),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_command_is_taken(place: str, program: str, words: list[str]) -> None:
    words = [str(Path(word).expanduser()) if word.startswith("~/") else word for word in words]
    if program == "appliance":
        assert parser(words[0]).parse_args(words).run, place
    elif program == "virt-image":
        assert virt_image.parser().parse_args(words), place
    else:
        assert creator.parser().parse_args(words), place


@pytest.mark.parametrize(("command", "example"), DECLARED)
def test_an_example_is_of_its_command_and_fits_a_terminal(command: str, example: Shown) -> None:
    assert f"{example.command} ".startswith(f"{command} ")
    assert len(example.command) <= 80 - 4
    assert example.text[-1] not in ".:?"


def test_no_command_is_overlooked() -> None:
    assert len(COMMANDS) > 30
    assert {program for _, program, _ in COMMANDS} == {
        "appliance", "virt-image", "appliance-creator"
    }  # fmt: skip
    assert len(KICKSTARTS) > 12
    assert SHEETS


def reading() -> Reading:
    return Reading((TOP / "kickstarts",))


@pytest.mark.parametrize("example", KICKSTARTS, ids=lambda example: example.place)
def test_a_kickstart_can_be_built(example: Example, here: Path) -> None:
    path = whole(example, here)
    overrides = Overrides(passphrase="env:W", reading=reading())
    found = foresee(path, overrides, RepositoryOptions(), Launched(Target()))
    assert not found.problems, found.problems


@pytest.mark.parametrize("example", SHEETS, ids=lambda example: example.place)
def test_a_sheet_describes_a_machine_that_starts(example: Example, here: Path) -> None:
    shutil.copytree(TOP / "kickstarts", here / "kickstarts")
    path = here / "kickstarts/web-debian.ks"
    path.with_suffix(".toml").write_text(example.text)
    (here / "kickstarts/EULA.txt").write_text("You may.\n")
    bring(here / "kickstarts")
    sheet = sheet_of(path, None, Sheet())
    launched = Launched(Target(formats=("qcow2", "vmdk", "vmdk-stream")), Handover(), sheet)
    found = foresee(path, Overrides(reading=reading()), RepositoryOptions(), launched)
    assert not found.problems, found.problems
    lacking = [note.text for note in found.notes if "driver" in note.text]
    assert not [text for text in lacking if not text.startswith("in VirtualBox")]
