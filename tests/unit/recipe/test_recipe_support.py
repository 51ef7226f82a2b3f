"""Every word of the language has its answer, and the answer is what happens."""

from pathlib import Path

import pytest
from pykickstart.handlers.control import commandMap
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from appliance.recipe.reading.answers import Honoured, Judged, Noted, Refused
from appliance.recipe.reading.commands import COMMANDS, SECTIONS
from appliance.recipe.reading.load import problems

ROOT = "part / --size=1024\n"
NEWEST = makeVersion()


def of_kind(kind: type) -> list[str]:
    return [word for word, answer in COMMANDS.items() if isinstance(answer, kind)]


def options(kind: type) -> list[tuple[str, str]]:
    return [
        (word, option)
        for word, answer in (COMMANDS | SECTIONS).items()
        if isinstance(answer, Honoured | Judged)
        for option, said in answer.options.items()
        if isinstance(said, kind)
    ]


def test_every_command_that_ever_was_has_an_answer() -> None:
    ever = {word for commands in commandMap.values() for word in commands}
    assert ever - set(COMMANDS) == set()
    assert set(KickstartParser(NEWEST)._sections) - set(SECTIONS) == set()


@pytest.mark.parametrize("word", of_kind(Honoured))
def test_every_option_of_an_honoured_command_has_an_answer(word: str) -> None:
    answer = COMMANDS[word]
    assert isinstance(answer, Honoured)
    if word not in NEWEST.commands:
        pytest.skip("a command of RHEL alone")
    words = getattr(NEWEST.commands[word], "op", None)  # authselect takes its line as it is
    assert words is None or set(words._option_string_actions) - set(answer.options) == set()


@pytest.mark.parametrize("word", of_kind(Noted))
def test_a_noted_command_is_noted(tmp_path: Path, word: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{word} --any thing\n")
    found, recipe = problems(file)
    assert not found
    assert recipe is not None
    [note] = recipe.notes
    assert note.text.startswith(f"{word}: ")
    assert note.where.line == 2


@pytest.mark.parametrize("word", of_kind(Refused))
def test_a_refused_command_is_refused(tmp_path: Path, word: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{word} --any thing\n")
    [error], recipe = problems(file)
    assert recipe is None
    assert error.problem.startswith(f"{word}: ")
    assert error.where is not None
    assert error.where.line == 2


@pytest.mark.parametrize(("word", "option"), options(Refused))
def test_a_refused_option_is_refused(tmp_path: Path, word: str, option: str) -> None:
    file = tmp_path / "x.ks"
    end = "%end\n" if word.startswith("%") else ""
    file.write_text(f"{ROOT}{word} {option}=1\n{end}")
    found, _ = problems(file)
    assert found[0].problem.startswith(f"{word} {option}: ")
    assert found[0].where is not None
    assert found[0].where.line == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("auth --useshadow --passalgo=sha512", "auth --useshadow: "),
        ("network --bootproto=dhcp --activate", "network --activate: "),
        ("bootloader --boot-drive=sda", "bootloader --boot-drive: "),
        ("clearpart --all --drives=sda", "clearpart --drives: "),
        ("zerombr yes", "zerombr: "),
        ("repo --name=x --baseurl=http://h --ignoregroups=1", "repo --ignoregroups: "),
        ("%packages --nobase\n%end", "%packages --nobase: "),
        ("%packages --timeout=5\n%end", "%packages --timeout: "),
        ("%packages --retries 5\n%end", "%packages --retries: "),
    ],
)
def test_a_noted_option_is_noted(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{line}\n")
    found, recipe = problems(file)
    assert not found
    assert recipe is not None
    assert recipe.notes[0].text.startswith(said)


@pytest.mark.parametrize(
    "line", ["realm join example.org", "auth --enableldap", "authconfig --enablekrb5"]
)
def test_what_would_not_be_done_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{line}\n")
    assert problems(file)[0][0].hint


@pytest.mark.parametrize(
    "word",
    [
        word
        for word, said in SECTIONS.items()
        if not isinstance(said, Honoured) and word != "%ksappend"  # an include
    ],
)
def test_other_sections_are_noted_or_refused(tmp_path: Path, word: str) -> None:
    file = tmp_path / "x.ks"
    file.write_text(f"{ROOT}{word}\nanything 'at all\n%end\n")
    found, recipe = problems(file)
    assert (recipe is not None) == isinstance(SECTIONS[word], Noted)
    assert all(error.problem.startswith(f"{word}: ") for error in found)
