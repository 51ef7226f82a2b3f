"""The build log: every event as a line of text, with the seconds since the build began."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from appliance import events
from appliance.errors import ApplianceError, RequestError

NAMELESS = "the build log"  # how steps call it, which do not know where it is


@contextmanager
def logged(path: Path, emit: events.Emit) -> Iterator[tuple[events.Emit, Path]]:
    """Lend an Emit that also writes to a file, line by line, and the path of that file.

    The file becomes *path* when the build is over, so that two builds of one recipe do not mix
    their logs. An error that refers to the build log gets its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    own.unlink(missing_ok=True)
    with _private(own) as file:
        try:
            yield _writing(file, emit), own
        except ApplianceError as error:
            error.hint = error.hint.replace(NAMELESS, f"{NAMELESS} {path}")
            raise
        finally:
            own.replace(path)


@contextmanager
def appended(path: Path, emit: events.Emit) -> Iterator[events.Emit]:
    """Lend an Emit that also adds each event to the end of the file *path*, as line() writes it.

    An ApplianceError that is raised meanwhile is added, too; other exceptions are faults of the
    program, and Python tells of them.

    Raises RequestError if the file cannot be written to.
    """
    try:
        file = _private(path)
    except OSError as error:
        raise RequestError(f"the log {path} cannot be written to: {error.strerror}") from error
    with file:
        try:
            yield _writing(file, emit)
        except ApplianceError as error:
            file.write(f"error: {error}\n")
            raise


def _private(path: Path) -> TextIO:
    """Open the file *path* to add lines to it; one that is made is for its owner's eyes only, since
    scripts and tools print what they like."""
    return open(path, "a", buffering=1, opener=lambda name, flags: os.open(name, flags, 0o600))


def _writing(file: TextIO, emit: events.Emit) -> events.Emit:
    """Return an Emit that also writes each event to *file*, after the seconds since now."""
    began = time.monotonic()

    def both(event: events.Event) -> None:
        text = line(event)
        if text:
            file.write(f"{time.monotonic() - began:9.3f}  {text}\n")
        emit(event)

    return both


def line(event: events.Event) -> str:
    """Return one event as text; empty for an event that a log does not need."""
    match event:
        case events.PhaseStarted(name):
            return f"== {name}"
        case events.PhaseFinished(name, seconds, remark):
            return f"== {name}: {remark} ({seconds:.2f} s)"
        case events.StepStarted(gives, digest):
            return f"== {gives} ({digest[:12]})"
        case events.StepReused(gives, digest):
            return f"== {gives}: from the store ({digest[:12]})"
        case events.StepFinished(gives, seconds):
            return f"== {gives}: done ({seconds:.2f} s)"
        case events.ToolSaid(_, text):
            return f"   {text}"
        case events.Noted(text) | events.Warned(text):
            return f"{'note' if isinstance(event, events.Noted) else 'warning'}: {text}"
    return ""
