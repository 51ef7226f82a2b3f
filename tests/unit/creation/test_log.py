"""The build log: each event as one line, and where the file is meanwhile."""

import os
import re
from pathlib import Path

import pytest

from appliance import events
from appliance.creation import log
from appliance.creation.log import appended, line, logged
from appliance.errors import CommandError, RequestError

LINES: list[tuple[events.Event, str]] = [
    (events.PhaseStarted("resolve"), "== resolve"),
    (events.PhaseFinished("resolve", 1.234, "7 packages"), "== resolve: 7 packages (1.23 s)"),
    (events.StepStarted("disk:sda", "0123456789abcdef", 1, 2), "== disk:sda (0123456789ab)"),
    (
        events.StepReused("disk:sda", "0123456789abcdef"),
        "== disk:sda: from the store (0123456789ab)",
    ),
    (events.StepFinished("disk:sda", 2), "== disk:sda: done (2.00 s)"),
    (events.Progress("download", 1, 2, "bytes"), ""),
    (events.ToolSaid("disk:sda", "$ sfdisk"), "   $ sfdisk"),
    (events.Warned("%post failed"), "warning: %post failed"),
    (events.Result("build", 1.5), ""),
    (events.Failure("build", 1.5, 2, "RequestError", "no"), ""),
    (events.Noted("the clock"), "note: the clock"),
]


@pytest.mark.parametrize(("event", "text"), LINES, ids=[type(each).__name__ for each, _ in LINES])
def test_each_event_is_a_line(event: events.Event, text: str) -> None:
    assert line(event) == text


def test_no_kind_is_forgotten() -> None:
    assert {type(event) for event, _ in LINES} == set(events.KINDS.values())


def test_a_log_is_written_as_it_goes_and_has_its_name_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([100.0, 101.5, 103.25])
    monkeypatch.setattr(log.time, "monotonic", lambda: next(now))
    heard: list[events.Event] = []
    path = tmp_path / "logs/web.log"

    with logged(path, heard.append) as (emit, own):
        emit(LINES[0][0])
        assert own.read_text() == "    1.500  == resolve\n"
        assert own.name == f"web.{os.getpid()}.log"
        assert not path.exists()
        emit(events.Progress("download", 1, 2, "bytes"))
        emit(LINES[-1][0])

    assert path.read_text() == "    1.500  == resolve\n    3.250  note: the clock\n"
    assert not own.exists()
    assert len(heard) == 3


def test_a_build_that_fails_leaves_its_log(tmp_path: Path) -> None:
    with pytest.raises(CommandError), logged(tmp_path / "web.log", print) as (emit, _):
        emit(events.Noted("last"))
        raise CommandError("no")

    assert (tmp_path / "web.log").read_text().endswith("note: last\n")


def test_what_was_in_a_log_that_is_added_to_stays_and_the_error_comes_last(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")

    with pytest.raises(CommandError), appended(path, lambda event: None) as emit:
        emit(events.Noted("more"))
        raise CommandError("it stopped", tail=("last words",))

    before, more, *error = path.read_text().splitlines()
    assert before == "before"
    assert re.fullmatch(r" +\d+\.\d{3}  note: more", more)
    assert error == ["error: it stopped", "  | last words"]


def test_a_fault_of_ours_is_pythons_to_tell(tmp_path: Path) -> None:
    with pytest.raises(KeyError), appended(tmp_path / "log", lambda event: None):
        raise KeyError
    assert (tmp_path / "log").read_text() == ""


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be written to"), appended(tmp_path, print):
        pass


def test_an_error_that_refers_to_the_log_names_it(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    with pytest.raises(CommandError) as caught, logged(path, print):
        raise CommandError("no", hint="the build log has every command")
    assert caught.value.hint == f"the build log {path} has every command"
    assert path.exists()
