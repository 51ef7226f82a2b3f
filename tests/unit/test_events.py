"""Events go from one end of a build to the other as plain data."""

import json
from dataclasses import fields
from typing import get_args

import pytest

from appliance import events
from appliance.events import (
    KINDS,
    Event,
    Failure,
    MadeFile,
    Noted,
    PhaseFinished,
    PhaseStarted,
    Progress,
    Result,
    StepFinished,
    StepReused,
    StepStarted,
    ToolSaid,
    Warned,
    from_plain,
    to_plain,
)

ALL: tuple[Event, ...] = (
    PhaseStarted("resolve"),
    PhaseFinished("resolve", 1.5, "7 packages"),
    StepStarted("layer:a", "0" * 64, 1, 9),
    StepReused("layer:a", "0" * 64),
    StepFinished("layer:a", 0.25),
    Progress("download", 3, 4, "bytes"),
    ToolSaid("disk:sda", 'a "line"\té'),
    Noted("the clock"),
    Warned("the script"),
    Result("build", 1.5, 0, (MadeFile("/out/web.raw", 4),), ("the script",)),
    Failure("lock", 0.25, 2, "RecipeError", "no", "a.ks", 7, ("x", "y"), "yes"),
)


@pytest.mark.parametrize("event", ALL, ids=[type(event).__name__ for event in ALL])
def test_an_event_survives_json(event: Event) -> None:
    plain = to_plain(event)

    assert next(iter(plain)) == "event"
    assert len(plain) == 1 + len(fields(event))
    assert from_plain(json.loads(json.dumps(plain))) == event


def test_every_kind_is_here_and_known() -> None:
    kinds = set(get_args(events.Event))

    assert {type(event) for event in ALL} == set(KINDS.values()) == kinds


def test_reading_leaves_the_data_alone() -> None:
    plain = to_plain(ALL[0])
    from_plain(plain)
    assert plain == {"event": "PhaseStarted", "name": "resolve"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"event": "Nobody"},
        {"event": "Noted"},
        {"event": "Noted", "text": 1},
        {"event": "Noted", "text": "x", "more": 1},
        {"event": "Progress", "name": "x", "done": "1", "total": 2, "unit": "bytes"},
    ],
)
def test_what_is_no_event(data: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        from_plain(data)
