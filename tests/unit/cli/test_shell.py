"""`appliance shell`: what is refused before a sandbox is made."""

from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import parser


def test_an_image_that_is_not_there(typed: Typed) -> None:
    ended = typed("shell", "web.qcow2", "--", "ls", "-l")
    assert (ended.code, ended.out, ended.err) == (2, "", "appliance: there is no web.qcow2\n")


def test_a_directory_without_a_disk(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    ended = typed("shell", "web", "true")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("appliance: ")


@pytest.mark.parametrize(
    ("typed_words", "words", "store"),
    [
        (["web.raw"], [], "usual"),
        (["web.raw", "ls", "-la", "/"], ["ls", "-la", "/"], "usual"),
        (["web.raw", "--", "ls", "-l", "--", "/etc"], ["ls", "-l", "--", "/etc"], "usual"),
        (["web.raw", "--store", "s", "ls", "--store", "t"], ["ls", "--store", "t"], "s"),
        (["--store=s", "web.raw", "rpm", "--help"], ["rpm", "--help"], "s"),
        (["--store", "s", "web.raw", "--", "-odd"], ["-odd"], "s"),
        (["web.raw", "--store", "s"], [], "s"),
        (["web.raw", "sh", "-c", ""], ["sh", "-c", ""], "usual"),
    ],
)
def test_a_commands_own_options_stay_its_own(
    monkeypatch: pytest.MonkeyPatch, typed_words: list[str], words: list[str], store: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "usual")
    options = parser("shell").parse_args(["shell", *typed_words])
    assert (options.image, options.words) == (Path("web.raw"), words)
    assert str(options.store).removesuffix("/appliance") == store


def test_what_is_before_the_command_is_ours(typed: Typed) -> None:
    assert typed("shell", "web.raw", "--help").out.startswith("usage: appliance shell")
    assert "unrecognized arguments: -l" in typed("shell", "web.raw", "-l").err
