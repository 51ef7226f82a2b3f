"""What a command came to, for programs: one JSON object, whether it went well or not."""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance import events
from appliance.cli.progress import as_json, watching
from appliance.errors import ApplianceError, HostError

INTERRUPTED = 130


@dataclass
class Reported:
    """What a command that runs finds out: *emit* takes its events, *files* what it makes, *status*
    is with what it will end."""

    emit: events.Emit
    files: list[Path] = field(default_factory=list)
    status: int = 0

    def made(self, places: Iterable[Path]) -> None:
        """Note the files at *places*, and those in the directories that are there."""
        for place in places:
            found = sorted(place.rglob("*")) if place.is_dir() else [place]
            self.files += [path for path in found if path.is_file()]


@contextmanager
def reported(
    command: str, options: argparse.Namespace, *, shared: bool = False
) -> Iterator[Reported]:
    """Lend a Reported to a *command* that does something, and show its events as *options* say.

    With --json one line of JSON is printed in the end, a Result or a Failure; with --events=json it
    is the last event. What went wrong is raised all the same.
    """
    kind = "quiet" if getattr(options, "quiet", False) else getattr(options, "events", "auto")
    wanted = getattr(options, "json", False) or kind == "json"
    began, warnings = time.monotonic(), []

    def seconds() -> float:
        return round(time.monotonic() - began, 3)

    def said(event: events.Event) -> None:
        if wanted:
            print(json.dumps(as_json(event)), flush=True)

    try:
        with watching(kind, verbose=getattr(options, "verbose", False), shared=shared) as emit:

            def heard(event: events.Event) -> None:
                if isinstance(event, events.Warned):
                    warnings.append(event.text)
                emit(event)

            report = Reported(heard)
            yield report
    except (ApplianceError, OSError, KeyboardInterrupt) as error:
        said(events.Failure(command, seconds(), **_failure(error)))
        raise
    files = tuple(
        events.MadeFile(str(path.absolute()), path.stat().st_size) for path in report.files
    )
    said(events.Result(command, seconds(), report.status, files, tuple(dict.fromkeys(warnings))))


def for_people(options: argparse.Namespace) -> bool:
    """Whether a command prints what it came to as text."""
    quiet, kind = getattr(options, "quiet", False), getattr(options, "events", "auto")
    return not (quiet or getattr(options, "json", False) or kind == "json")


def _failure(error: BaseException) -> dict[str, Any]:
    """The fields of a Failure that *error* itself says."""
    if isinstance(error, ApplianceError):
        place = error.where
        return {
            "status": error.exit_code,
            "kind": type(error).__name__,
            "problem": error.problem,
            "file": str(place.path) if place else "",
            "line": place.line if place else 0,
            "tail": error.tail,
            "tried": error.hint,
        }
    status = INTERRUPTED if isinstance(error, KeyboardInterrupt) else HostError.exit_code
    problem = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
    return {"status": status, "kind": type(error).__name__, "problem": problem}
