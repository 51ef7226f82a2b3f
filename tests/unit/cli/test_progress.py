"""How progress is told: plain lines, JSON, nothing."""

import json
import time

import pytest

from appliance import events
from appliance.cli.progress import KIND_TITLES, TITLES, title, watching

ALL = (
    events.PhaseStarted("resolve"),
    events.PhaseFinished("resolve", 1.25, "3 packages"),
    events.ToolSaid("apt", "Reading package lists"),
    events.StepReused("layer:packages", "0" * 64),
    events.StepFinished("layer:post-1", 2.0),
    events.Noted("web.ks:1: a note"),
)


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("plain") as emit:
        for event in ALL:
            emit(event)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "   1.2 s  choosing packages: 3 packages",
        "   2.0 s  running %post 1",
        "    note  web.ks:1: a note",
    ]


def test_a_layer_that_is_no_script_is_not_called_one() -> None:
    assert title("layer:growing") == "letting the root grow"
    assert title("layer:pre-install-2") == "running %pre install 2"


def test_more_if_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("auto", verbose=True) as emit:
        for event in ALL:
            emit(event)
    lines = capsys.readouterr().err.splitlines()
    assert "    Reading package lists" in lines
    assert "       =  installing packages" in lines


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("json") as emit:
        for event in ALL:
            emit(event)
    said = capsys.readouterr()
    assert said.err == ""
    read = [json.loads(line) for line in said.out.splitlines()]
    times = [each.pop("time") for each in read]
    assert read == [events.to_plain(event) for event in ALL]
    assert times == sorted(times)
    assert abs(times[0] - time.time()) < 3600


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("quiet") as emit:
        for event in ALL:
            emit(event)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["plain", "quiet"])
def test_warnings_are_counted_and_told_in_the_end(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def build() -> None:
        with watching(kind) as emit:
            emit(events.Warned("web.ks:3: %post failed\n  | no \x1b[1mapp"))
            emit(events.Warned("web.ks:9: %post failed"))
            emit(events.Warned("web.ks:3: %post failed\n  | no \x1b[1mapp"))
            emit(events.StepFinished("layer:post-2", 2.0))
            raise OSError

    with pytest.raises(OSError, match="^$"):
        build()
    assert capsys.readouterr().err.splitlines()[-4:] == [
        "warning: web.ks:3: %post failed",
        "  | no \\x1b[1mapp",
        "warning: web.ks:9: %post failed",
        "2 warnings: to be read before others get the appliance",
    ]


def test_without_warnings_nothing_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with watching("plain"):
        pass
    assert capsys.readouterr().err == ""


def test_results_have_names_that_people_know() -> None:
    assert title("disk:sda") == "writing disk sda"
    assert title("something") == "something"
    assert not set(TITLES) & set(KIND_TITLES)


@pytest.mark.parametrize("kind", ["plain", "auto"])
def test_no_event_moves_the_cursor(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with watching(kind, verbose=True) as emit:
        emit(events.Noted("disk \x1b[2J\x9b1m of\rothers\n  | said"))
        emit(events.ToolSaid("apt", "\x1b]0;title\x07"))
        emit(events.PhaseFinished("resolve", 1, "\x1b[31m"))
        emit(events.StepFinished("disk:\x1b[31m", 1))
    said = capsys.readouterr().err
    assert not set("\x1b\x9b\r\x07") & set(said)
    assert "  | said\n" in said
