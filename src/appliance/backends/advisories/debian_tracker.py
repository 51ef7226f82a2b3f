"""What Debian's security tracker publishes as JSON: {source package: {CVE: what is known}}.

Its words are those of https://security-tracker.debian.org/tracker/data/json; what they mean is said
in the tracker's own documentation (doc/security-team.d.o/security_tracker in its repository).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from appliance.backends.advisories.model import Advisory

BEGIN = re.compile(rb'\s*\{\s*"[a-z0-9][a-z0-9.+-]*"\s*:\s*\{\s*"(CVE|TEMP)-')
OPEN, RESOLVED, UNDETERMINED = "open", "resolved", "undetermined"
NEVER = "0"  # the version in which what a release never had was mended
NO_HURRY = ("unimportant", "end-of-life")  # urgencies that say that no update will come
DECODER = json.JSONDecoder()


class DebianTracker:
    """Debian's security tracker, as JSON."""

    name = "debian-tracker"
    publisher = "https://security-tracker.debian.org/tracker/data/json"
    manager = "deb"

    def recognises(self, head: bytes) -> bool:
        """Whether a source package with its CVEs is the first thing in it."""
        return BEGIN.match(head) is not None

    def read(self, content: bytes, release: str) -> Iterator[Advisory]:
        """What the tracker says of *release*. One source package at a time is in memory, besides
        the text."""
        known = False
        for source, entries in _members(content.decode()):
            for name, entry in entries.items():
                said = entry.get("releases", {}).get(release)
                known = known or said is not None
                if said is not None and said.get("status") != UNDETERMINED:
                    yield from _advisory(source, name, entry, said)
        if not known:
            raise ValueError(f"says nothing of the release '{release}'")


def _advisory(
    source: str, name: str, entry: dict[str, Any], said: dict[str, Any]
) -> Iterator[Advisory]:
    fixed = said.get("fixed_version", "") if said.get("status") == RESOLVED else ""
    if not isinstance(fixed, str):
        raise TypeError
    if fixed == NEVER or (said.get("status") == RESOLVED and not fixed):
        return
    urgency = said.get("urgency", "").strip("*")
    minor = urgency if urgency in NO_HURRY else ""
    if not fixed and "nodsa" in said:
        minor = minor or f"no advisory: {said['nodsa']}"
    yield Advisory(
        name=name,
        package=source,
        fixed=fixed,
        available=bool(fixed),
        severity="" if urgency == "not yet assigned" else urgency,
        minor=minor,
        about=str(entry.get("description", "")),
    )


def _members(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The members of the object that *text* is, one after the other: the whole of it as objects
    would take ten times the memory of the text."""
    place = _after(text, 0, "{")
    while True:
        name, place = DECODER.raw_decode(text, _blank(text, place))
        value, place = DECODER.raw_decode(text, _blank(text, _after(text, place, ":")))
        if not isinstance(name, str) or not isinstance(value, dict):
            raise ValueError("is not of the form {source package: {CVE: …}}")
        yield name, value
        place = _blank(text, place)
        if text[place : place + 1] == "}":
            return
        place = _after(text, place, ",")


def _after(text: str, place: int, letter: str) -> int:
    place = _blank(text, place)
    if text[place : place + 1] != letter:
        raise ValueError(f"ends in the middle, or lacks a '{letter}' at letter {place}")
    return place + 1


def _blank(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place
