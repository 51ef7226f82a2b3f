"""Events: what a build tells whoever is watching. They are values, which cli/ puts into words.

No text in them shows a password of a URL: tools print what they were given.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from appliance.codec import decode, encode
from appliance.errors import Where
from appliance.masking import masked


@dataclass(frozen=True)
class _Masked:
    """What an event is that may repeat what programs print: none of its texts shows a password of a
    URL."""

    def __post_init__(self) -> None:
        for each in fields(self):
            if isinstance(text := getattr(self, each.name), str):
                object.__setattr__(self, each.name, masked(text))


@dataclass(frozen=True)
class PhaseStarted:
    """A part of the build that is not a step begins.

    *name*: which part it is, such as resolve or download.
    """

    name: str


@dataclass(frozen=True)
class PhaseFinished(_Masked):
    """A part of the build that is not a step came to its end.

    *name*: which part it was.
    *seconds*: the wall time that it took.
    *remark*: what came of it, for people.
    """

    name: str
    seconds: float
    remark: str


@dataclass(frozen=True)
class StepStarted:
    """A step begins.

    *gives*: the result that it makes, by the text that plans have for it.
    *digest*: the digest of all that goes into the step, under which the store keeps the result.
    *number*: which of the steps it is, counted from 1.
    *total*: how many steps there are.
    """

    gives: str
    digest: str
    number: int
    total: int


@dataclass(frozen=True)
class StepReused:
    """A step need not run, since the store has its result already.

    *gives*: the result, by the text that plans have for it.
    *digest*: the digest of all that goes into the step.
    """

    gives: str
    digest: str


@dataclass(frozen=True)
class StepFinished:
    """A step came to its end.

    *gives*: the result that it made, by the text that plans have for it.
    *seconds*: the wall time that it took.
    """

    gives: str
    seconds: float


@dataclass(frozen=True)
class Progress:
    """How far a part of the build is.

    *name*: the phase, or the result that the step makes.
    *done*: how much is done, counted in *unit*.
    *total*: how much there is to do.
    *unit*: bytes, or the plural of what is counted.
    """

    name: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True)
class ToolSaid(_Masked):
    """An external tool printed a line.

    *name*: the phase or step that it worked for.
    *line*: what it printed.
    """

    name: str
    line: str


@dataclass(frozen=True)
class Noted(_Masked):
    """Something that the author of the appliance should know; the build goes on.

    *text*: what that is.
    """

    text: str


@dataclass(frozen=True)
class Warned(_Masked):
    """Something went wrong, and the build goes on; people are told again when it ends.

    *text*: what that is.
    """

    text: str


@dataclass(frozen=True)
class MadeFile:
    """A file that a command made.

    *path*: its absolute name.
    *size*: its length in bytes.
    """

    path: str
    size: int


@dataclass(frozen=True)
class Result:
    """A command came to its end; nothing follows.

    *command*: which command it was.
    *seconds*: the wall time that it took.
    *status*: the status with which it ends.
    *files*: what it made.
    *warnings*: what went wrong on the way.
    """

    command: str
    seconds: float
    status: int = 0
    files: tuple[MadeFile, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A command failed; nothing follows, and nothing new is where it was to be.

    *command*: which command it was.
    *seconds*: the wall time that it took.
    *status*: the status with which it ends.
    *kind*: the class of the error, which says who must act.
    *problem*: what is wrong.
    *file*: the file of the author's that is wrong; empty if it is none.
    *line*: the line in it, counted from 1; 0 if it is none.
    *tail*: the last lines of the program that failed.
    *tried*: what to try; empty if nobody knows.
    """

    command: str
    seconds: float
    status: int
    kind: str
    problem: str
    file: str = ""
    line: int = 0
    tail: tuple[str, ...] = ()
    tried: str = ""


Event = (
    PhaseStarted
    | PhaseFinished
    | StepStarted
    | StepReused
    | StepFinished
    | Progress
    | ToolSaid
    | Noted
    | Warned
    | Result
    | Failure
)
Emit = Callable[[Event], None]
KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        PhaseStarted,
        PhaseFinished,
        StepStarted,
        StepReused,
        StepFinished,
        Progress,
        ToolSaid,
        Noted,
        Warned,
        Result,
        Failure,
    )
}


@contextmanager
def phase(name: str, emit: Emit) -> Iterator[Callable[[str], None]]:
    """Emit the start and the end of a named part of the work.

    The caller is given a function; the remark that it passes to that function is told at the end.
    """
    emit(PhaseStarted(name))
    began, remark = time.monotonic(), [""]

    def done(text: str) -> None:
        remark[0] = text

    yield done
    emit(PhaseFinished(name, time.monotonic() - began, remark[0]))


def warned(text: str, where: Where | None) -> Warned:
    """Return the warning that *text* went wrong at *where*."""
    return Warned(f"{where}: {text}" if where else text)


def to_plain(event: Event) -> dict[str, Any]:
    """Turn *event* into plain JSON data, its kind first."""
    return {"event": type(event).__name__, **encode(event)}


def from_plain(data: dict[str, Any]) -> Event:
    """Rebuild the event from which to_plain() made *data*; raises ValueError or KeyError if
    *data* is not what it makes."""
    fields = dict(data)
    return decode(KINDS[fields.pop("event")], fields)
