"""Events: what a build tells whoever is watching. They are values, which cli/ puts into words.

No text in them shows a password of a URL: tools print what they were given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.codec import decode, encode
from appliance.errors import Where
from appliance.masking import masked


@dataclass(frozen=True)
class PhaseStarted:
    """A part of the build that is not a step begins, such as checking, resolving, downloading or
    exporting; *name* says which."""

    name: str


@dataclass(frozen=True)
class PhaseFinished:
    """A part of the build that is not a step came to its end.

    *name*: which part it was.
    *seconds*: the wall time that it took.
    *remark*: what came of it, for people.
    """

    name: str
    seconds: float
    remark: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "remark", masked(self.remark))


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
    """A step need not run, since the store has its result *gives* under *digest* already."""

    gives: str
    digest: str


@dataclass(frozen=True)
class StepFinished:
    """The step that makes *gives* came to its end, after *seconds* of wall time."""

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
class ToolSaid:
    """One *line* that an external tool printed in the phase or step called *name*."""

    name: str
    line: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", masked(self.line))


@dataclass(frozen=True)
class Noted:
    """Something that the author of the appliance should know, as *text*; the build goes on."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", masked(self.text))


@dataclass(frozen=True)
class Warned:
    """Something went wrong, as *text* says, and the build goes on; people are told again when it
    ends."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", masked(self.text))


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
    )
}


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
