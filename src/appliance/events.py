"""What a build tells whoever is watching. Facts, not sentences: cli/ chooses the words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.codec import decode, encode


@dataclass(frozen=True)
class PhaseStarted:
    """A part of the build that is not a step: checking, resolving, downloading, exporting."""

    name: str


@dataclass(frozen=True)
class PhaseFinished:
    """*seconds* of wall time; *remark* says what came of it."""

    name: str
    seconds: float
    remark: str


@dataclass(frozen=True)
class StepStarted:
    """The step *number* of *total* begins, the one that gives *gives*."""

    gives: str
    digest: str
    number: int
    total: int


@dataclass(frozen=True)
class StepReused:
    """The store already had this digest."""

    gives: str
    digest: str


@dataclass(frozen=True)
class StepFinished:
    """A step came to its end, after *seconds* of wall time."""

    gives: str
    seconds: float


@dataclass(frozen=True)
class Progress:
    """*done* of *total* *unit* of the phase or step called *name*; unit "bytes" or a plural."""

    name: str
    done: int
    total: int
    unit: str


@dataclass(frozen=True)
class ToolSaid:
    """One line from an external tool."""

    name: str
    line: str


@dataclass(frozen=True)
class Noted:
    """Something that the author should know; the build goes on."""

    text: str


Event = (
    PhaseStarted
    | PhaseFinished
    | StepStarted
    | StepReused
    | StepFinished
    | Progress
    | ToolSaid
    | Noted
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
    )
}


def to_plain(event: Event) -> dict[str, Any]:
    """Turn *event* into plain JSON data, its kind first."""
    return {"event": type(event).__name__, **encode(event)}


def from_plain(data: dict[str, Any]) -> Event:
    """Rebuild what to_plain() made; raises ValueError or KeyError if it did not."""
    fields = dict(data)
    return decode(KINDS[fields.pop("event")], fields)
