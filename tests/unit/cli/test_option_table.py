"""Every option of every command: what it refuses, in which words, and what its help says."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.cli import creator, main, parser, virt_image
from appliance.cli.options import kickstart_kinds, kinds, telling
from appliance.cli.options.option import Kind, Option, add
from appliance.cli.printable import printable

Main = Callable[[list[str]], int]
# What each kind of value refuses, and is refused with; @ is a directory that is there, ~ a file.
BAD: dict[str, tuple[tuple[str, str], ...]] = {
    "count": (("-3", "at least|is no use"), ("two", "whole number"), ("0", ""), ("2.5", "whole")),
    "mebibytes": (("-3", "has memory"), ("1GiB", "whole number"), ("", "whole number")),
    "index": (("-3", "from 0"), ("first", "whole number")),
    "size": (("512", "with its unit"), ("0MiB", ""), ("much", "with its unit")),
    "disk size": (("512", "with its unit"), ("all", "with its unit"), ("0GiB", "partition")),
    "port": (("0", "1 to 65535"), ("http", "whole number"), ("80/http", "tcp or udp")),
    "port number": (("65536", "1 to 65535"), ("x", "whole number")),
    "forwarded port": (("80", "HOST:GUEST"), ("0:80", "HOST:GUEST")),
    "word": (("nonsense", "not one of"),),
    "words": (("nonsense", "unknown"), (",", "nothing is named")),
    "format of old": (("nonsense", "no disk format"), ("qcow2-plain", "no disk format")),
    "text": (("a\x01b", "control character"),),
    "name": ((" ", "empty"), ("a\x01b", "control character")),
    "secret": ((" ", "empty"),),
    "user": (("-x:secret", "name of a user"), (":secret", "name of a user")),
    "passphrase": (("secret", "not what it is"), ("env:", "not what it is")),
    "passphrase or ask": (("secret", "not what it is"), ("env:", "not what it is")),
    "variable": (("stream", "NAME=VALUE"), ("9=8", "NAME=VALUE")),
    "exception": ((":/etc", "small letters"), ("job:etc", "from the image's root on")),
    "copy": (("app", "SOURCE:DEST"), ("app:/../x", "'..'"), ("a:/b:rwx", "not octal")),
    "credential": (("motd", "NAME=VALUE"),),
    "address": (("mirror", "scheme"), ("https:// x", "scheme"), ("http://[x]/", "server")),
    "file": (("nowhere", "there is no nowhere"), ("@", "a directory"), ("", "empty")),
    "file or directory": (("nowhere", "there is no nowhere"), ("", "empty")),
    "new file": (("@", "cannot be written"),),
    "directory": (("~", "not a directory"),),
    "directory that is there": (("nowhere", "there is no nowhere"), ("~", "not a directory")),
    "public key": (("nowhere", "there is no"), ("@", "cannot be read")),
    "kickstart to read": (("-", "from a file"), ("@", "a directory"), ("", "empty")),
    "kickstart": (("https://example.com/a.ks", "not fetched"),),
    "tools": (("nowhere", "there is no nowhere"), ("~", "not a directory")),
    "any path": (("", "empty"),),
    "name of an appliance": (("a/b", "cannot be the name"), (".a", "cannot be the name")),
    "version": (("1 beta", "lower-case"), ("1.0-RC1", "lower-case")),
    "file name": (("{name}-{arhc}", "in braces stand only"), ("a/{name}", "cannot be the name")),
    "host name": (("a b", "not a host name"), ("-a", "not a host name")),
    "packages": (("a,b c", "not the name"), (",", "nothing is named")),
    "script": (("nowhere", "there is no nowhere"), ("@", "a directory"), ("a" * 300, "too long")),
    "release of an RPM family": (("debian-12", "no release"), ("fedora", "no release")),
    "UUID": (("1234", "no UUID"),),
    "processors": (("-3", "at least one"), ("4,sockets=3", "not 4"), ("4,x=1", "")),
    "set of processors": (("all", "processors"), ("1-", "processors")),
    "network": (("wifi:home", "no network"), ("user,rate=1", "nothing knows")),
    "address of a card": (("5254", "no MAC"),),
    "graphics": (("hologram", "no kind"), ("vnc,size=1", "nothing knows")),
}
SECRETS = ("secret", "user", "passphrase")
FEWEST_WORDS = 5


def below(program: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """*program*, its commands, and theirs."""
    yield program
    for action in program._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from below(command)


LINES: tuple[tuple[str, argparse.ArgumentParser, Main], ...] = (
    ("appliance", parser(everything=True), main),
    ("appliance-creator", creator.parser(), creator.main),
    ("virt-image", virt_image.parser(), virt_image.main),
)
COMMANDS = [
    (command, [word for word in command.prog.split() if word != program], run)
    for program, whole, run in LINES
    for command in below(whole)
]
CASES = [
    pytest.param(run, words, action.type, id=f"{command.prog} {action.type.name}")
    for command, words, run in COMMANDS
    for action in command._actions
    if isinstance(action.type, Option) and action.type.dashed
]


def refused(run: Main, words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is said of words that end with exit code 2."""
    try:
        code = run(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    return said.err.splitlines()


@pytest.mark.parametrize(("run", "words", "option"), CASES)
def test_a_bad_value_is_refused_in_one_shape(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    run: Main,
    words: list[str],
    option: Option,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("directory").mkdir()
    assert option.kind
    tried = 0
    for bad, reason in BAD[option.kind.name]:
        value = {"@": "directory", "~": "file"}.get(bad, bad)
        if value == option.default:
            continue
        tried += 1
        first, second = refused(run, [*words, f"{option.name}={value}"], capsys)
        said = printable(value) or "''"
        shown = option.name if option.kind.secret else f"{option.name} {said}"
        assert f": {shown}: " in first
        assert any(each in first for each in reason.split("|"))
        assert second.startswith("  try: ")
        assert len(second) > len("  try: ")
    assert tried or option.kind.name == "any path"


@pytest.mark.parametrize("kind", SECRETS)
def test_what_is_secret_is_not_repeated(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"secret": ["--root-password", "hunter2\x01"], "user": ["--user", "?:hunter2"],
             "passphrase": ["--passphrase", "hunter2"]}  # fmt: skip
    assert not [
        line for line in refused(main, ["build", *words[kind]], capsys) if "hunter2" in line
    ]


def test_the_same_is_said_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = (
        (main, ["build", "--cpus", "-3"]),
        (main, ["plan", "x.ks", "--cpus", "-3"]),
        (main, ["check", "--cpus", "-3"]),
        (main, ["convert", "--cpus", "-3"]),
        (main, ["run", "--cpus", "-3"]),
        (main, ["test", "--cpus", "-3"]),
        (creator.main, ["--vcpu", "-3"]),
        (virt_image.main, ["--vcpus", "-3"]),
    )
    for run, words in wrong:
        first, _ = refused(run, words, capsys)
        assert first.endswith(f"{words[-2]} -3: a machine has at least one processor")


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=command.prog) for command, _, _ in COMMANDS]
)
def test_help_says_what_which_default_and_an_example(command: argparse.ArgumentParser) -> None:
    assert command.description
    said: dict[str, str] = {}
    for action in command._actions:
        shown = action.help or ""
        if action.help == argparse.SUPPRESS or isinstance(
            action, argparse._HelpAction | argparse._VersionAction | argparse._SubParsersAction
        ):
            continue
        name = action.option_strings[-1] if action.option_strings else action.dest
        assert shown not in said, f"{name} says what {said[shown]} says"
        said[shown] = name
        text = shown.split(" (default")[0].split(" (example")[0]
        assert len(text.split()) >= FEWEST_WORDS, f"{name}: {text}"
        assert not text.startswith(("of ", "for ", "with ", "its ", "that ")), f"{name}: {text}"
        if isinstance(action.type, Option):
            assert action.type.example, name
            assert f"example: {action.type.tried}" in shown.replace("%%", "%")
            assert "default: " in shown or not action.option_strings, name


def test_every_option_is_declared_in_the_table() -> None:
    loose = [
        f"{command.prog} {action.dest}"
        for command, _, _ in COMMANDS
        for action in command._actions
        if action.nargs != 0
        and not isinstance(action.type, Option)
        and not isinstance(action, argparse._SubParsersAction)
        and action.help != argparse.SUPPRESS
    ]
    assert not loose


@pytest.mark.parametrize(("run", "words", "option"), CASES)
def test_every_example_is_understood(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Main,
    words: list[str],
    option: Option,
) -> None:
    """But for those that name a file or directory: these have to be there."""
    monkeypatch.chdir(tmp_path)
    del run, words
    assert option.kind
    if not (option.kind.files or option.kind.directories):
        option(option.example.strip("'"))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (kinds.count("none"), "2", 2),
        (kinds.mebibytes("none"), "512", 512 * 1024 * 1024),
        (kinds.size("none"), "1.5KiB", 1536),
        (kinds.disk_size(), "auto", kinds.FITTED),
        (kinds.index(), "0", 0),
        (kinds.variable(), "a=b=c", ("a", "b=c")),
        (kinds.user(), "admin:pass:word", "admin:pass:word"),
        (kickstart_kinds.address(), "file:/srv/mirror", "file:/srv/mirror"),
    ],
)
def test_what_a_good_value_comes_to(kind: Kind, text: str, value: object) -> None:
    option = Option(("--x",), "an option", kind, usual="none", example="1")
    whole = argparse.ArgumentParser()
    add(whole, option)
    assert whole.parse_args(["--x", text]).x == value


def test_words_come_in_any_number_of_options() -> None:
    [case] = [each for each in CASES if each.id == "appliance convert --format"]
    whole = argparse.ArgumentParser()
    add(whole, case.values[2])
    assert whole.parse_args(["-f", "qcow2, vdi", "-f", "raw"]).format == ["qcow2", "vdi", "raw"]
    assert whole.parse_args([]).format == []


def test_a_switch_is_off_unless_it_is_said() -> None:
    whole = argparse.ArgumentParser()
    add(whole, telling.QUIET)
    assert whole.parse_args([]).quiet is False
    assert whole.parse_args(["-q"]).quiet is True
