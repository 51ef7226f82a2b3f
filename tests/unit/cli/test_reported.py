"""`--json` and `--events=json`: what a command came to, as programs read it."""

import argparse
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from as_typed import Typed

from appliance.cli.results import reported
from appliance.errors import CommandError, RequestError, Where
from appliance.events import Noted, Warned

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/reference/events.schema.json").read_text())


def read(text: str) -> list[dict[str, Any]]:
    """Events, each of which obeys the schema."""
    found = [json.loads(line) for line in text.splitlines()]
    for event in found:
        jsonschema.validate(event, SCHEMA)
    return found


@pytest.mark.parametrize("words", [["--json"], ["--events=json"]])
@pytest.mark.parametrize("command", ["build", "convert", "lock", "run"])
def test_a_failure_is_told_to_programs_and_people(
    typed: Typed, command: str, words: list[str]
) -> None:
    if command in ("lock", "run") and words == ["--events=json"]:
        return
    ended = typed(command, "nosuch.ks", *words)
    [failure] = read(ended.out)
    assert failure["event"] == "Failure"
    assert (failure["command"], failure["status"]) == (command, ended.code)
    assert "nosuch.ks" in failure["problem"]
    assert ended.err.startswith(f"appliance: {failure['problem']}")


def test_a_result_names_its_files_and_its_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/web.raw").write_bytes(b"1234")
    with reported("build", argparse.Namespace(json=True, events="plain")) as report:
        report.emit(Noted("nothing"))
        report.emit(Warned("%post failed"))
        report.emit(Warned("%post failed"))
        report.made([tmp_path / "web"])
    said = capsys.readouterr()
    [result] = read(said.out)
    assert result["files"] == [{"path": str(tmp_path / "web/web.raw"), "size": 4}]
    assert (result["event"], result["status"]) == ("Result", 0)
    assert result["warnings"] == ["%post failed"]
    assert "note  nothing" in said.err


def test_events_end_with_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    with reported("build", argparse.Namespace(json=False, events="json")) as report:
        report.emit(Noted("nothing"))
    first, last = read(capsys.readouterr().out)
    assert (first["event"], last["event"]) == ("Noted", "Result")
    assert 0 <= last["time"] - first["time"] < 60


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            CommandError("it failed", where=Where(Path("a.ks"), 7), tail=("x", "y"), hint="z"),
            {"status": 4, "kind": "CommandError", "file": "a.ks", "line": 7, "tail": ["x", "y"],
             "tried": "z"},
        ),
        (RequestError("no"), {"status": 2, "file": "", "line": 0, "tried": ""}),
        (KeyboardInterrupt(), {"status": 130, "problem": "interrupted"}),
        (PermissionError(13, "Permission denied", "/x"), {"status": 3, "kind": "PermissionError"}),
    ],
)  # fmt: skip
def test_each_failure_says_who_must_act(
    capsys: pytest.CaptureFixture[str], error: BaseException, says: dict[str, Any]
) -> None:
    with pytest.raises(type(error)), reported("lock", argparse.Namespace(json=True)):
        raise error
    [failure] = read(capsys.readouterr().out)
    assert says.items() <= failure.items()


def test_people_get_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with reported("lock", argparse.Namespace(json=False)):
        pass
    assert capsys.readouterr().out == ""
