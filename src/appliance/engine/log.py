"""The build log: every event as a line of text, with the seconds since the build began."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.engine import events


@contextmanager
def logged(path: Path, emit: events.Emit) -> Iterator[tuple[events.Emit, Path]]:
    """Lend an Emit that also writes to a file, line by line, and that file.

    It is called *path* when the build is over: two builds of one recipe do not mix theirs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    own = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    with own.open("w", buffering=1) as file:

        def both(event: events.Event) -> None:
            text = line(event)
            if text:
                file.write(f"{time.monotonic() - began:9.3f}  {text}\n")
            emit(event)

        try:
            yield both, own
        finally:
            own.replace(path)


def line(event: events.Event) -> str:
    """One event as text; empty for those that a log does without."""
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
        case events.Noted(text):
            return f"note: {text}"
    return ""
