"""Run one program, and say how long it took and what it told."""

import json
import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """*seconds* of wall time, from before the program started to after it ended.

    *came*: when each of *lines* did, in seconds after the start. *cpu*: seconds that it and all
    that it waited for computed, on all cores together.
    """

    seconds: float
    lines: tuple[str, ...]
    came: tuple[float, ...] = ()
    cpu: float = 0.0

    def parts(self) -> dict[str, float]:
        """Seconds of each phase and step that a build told of by --events=json."""
        return {
            name_of(event): event["seconds"]
            for event in self._events()
            if event["event"] in ("StepFinished", "PhaseFinished")
        }

    def part_at(self, moment: float) -> str:
        """The phase or step that began last at *moment*, in seconds after the start."""
        begun = [
            name_of(event)
            for event, came in zip(self._events(), self.came, strict=True)
            if event["event"] in ("StepStarted", "PhaseStarted") and came <= moment
        ]
        return begun[-1] if begun else "the start"

    def _events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def name_of(event: dict[str, Any]) -> str:
    """What a phase or a step is called."""
    return str(event.get("gives") or event["name"])


def run(
    argv: Sequence[str | Path],
    *,
    directory: Path,
    watch: Callable[[int], None] = lambda number: None,
) -> Run:
    """Run *argv*, whose standard error is kept in DIRECTORY/errors; *watch* learns its process id.

    What others left to be written to disk is written first, and Python keeps what it compiled,
    here as for everybody: PYTHONDONTWRITEBYTECODE is unset. Ends the whole program, with the last
    words of what ran, if that fails: there is nothing to measure then.
    """
    errors = directory / "errors"
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    os.sync()
    before = _computed()
    with errors.open("w") as complaints:
        began = time.monotonic()
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment,
            text=True,
        ) as process:
            watch(process.pid)
            told = [(line, time.monotonic() - began) for line in process.stdout or ()]
        seconds = time.monotonic() - began
    lines = tuple(line for line, _ in told)
    if process.returncode:
        tail = "".join([*lines, *errors.read_text().splitlines(keepends=True)][-20:])
        raise SystemExit(f"{tail}\n{argv[0]} stopped with status {process.returncode}")
    return Run(seconds, lines, tuple(came for _, came in told), _computed() - before)


def _computed() -> float:
    """Seconds of CPU of all children that have been waited for, and of theirs (getrusage(2))."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
