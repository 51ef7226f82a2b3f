"""No text that leaves us shows a password of a URL: errors, events, logs."""

import json
import stat
from pathlib import Path

import pytest

from appliance import events
from appliance.creation.log import appended, logged
from appliance.errors import KINDS, ApplianceError
from appliance.masking import masked

SECRET = "hush"
URL = f"https://anna:{SECRET}@mirror.example/debian"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (URL, "https://anna:PASSWORD@mirror.example/debian"),
        (f"({URL}), '{URL}'", None),
        (f"http://:{SECRET}@h/", "http://:PASSWORD@h/"),
        (f"http://anna:{SECRET}@{SECRET}@h/", "http://anna:PASSWORD@h/"),
        (f"http://anna:{SECRET}:x@h:80/a", "http://anna:PASSWORD@h:80/a"),
        (f"url --proxy=anna:{SECRET}@proxy:3128", "url --proxy=anna:PASSWORD@proxy:3128"),
        (f"repo --proxy 'anna:{SECRET}@proxy'", None),
        ("http://host:8080/@scope/name", "http://host:8080/@scope/name"),
        ("git@host:path anna@example.org", "git@host:path anna@example.org"),
    ],
)
def test_the_mask(text: str, kept: str | None) -> None:
    assert SECRET not in masked(text)
    assert kept is None or masked(text) == kept
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize("kind", [*KINDS.values(), ApplianceError])
def test_no_error_shows_it(kind: type[ApplianceError]) -> None:
    error = kind(f"cannot fetch {URL}", hint=f"look at {URL}", tail=(f"Err:1 {URL} x", "end"))
    for text in (str(error), repr(error), error.problem, error.hint, *error.tail):
        assert SECRET not in text
    assert error.tail == ("Err:1 https://anna:PASSWORD@mirror.example/debian x", "end")


def told() -> list[events.Event]:
    return [
        events.ToolSaid("repositories", f"$ apt-get update {URL}"),
        events.Noted(f"{URL} is slow"),
        events.PhaseFinished("packages", 1.0, f"from {URL}"),
    ]


def test_no_event_and_no_log_shows_it(tmp_path: Path) -> None:
    assert SECRET not in json.dumps([events.to_plain(event) for event in told()])
    with logged(tmp_path / "web.log", print) as (say, own):
        for event in told():
            say(event)
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
    log = tmp_path / "web.log"
    assert SECRET not in log.read_text()
    assert log.read_text().count("PASSWORD") == 3
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_that_is_added_to_is_its_owners_if_it_is_new(tmp_path: Path) -> None:
    with pytest.raises(ApplianceError), appended(tmp_path / "log", print):
        raise ApplianceError(f"cannot fetch {URL}")
    assert SECRET not in (tmp_path / "log").read_text()
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600
    (tmp_path / "log").chmod(0o644)
    with appended(tmp_path / "log", print):
        pass
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "event",
    [
        events.PhaseFinished("x", 1, f"of {URL}"),
        events.ToolSaid("x", URL),
        events.Noted(URL),
        events.Warned(URL),
    ],
)
def test_no_event_shows_it_however_it_is_made(event: events.Event) -> None:
    assert SECRET not in repr(event)
    assert SECRET not in repr(events.from_plain(events.to_plain(event)))
