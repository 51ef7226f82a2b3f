"""A plan is a list of steps. Its digests say which results may be reused."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from appliance.codec import decode
from appliance.errors import Where
from appliance.steps import KINDS, Step
from appliance.work.results import Result


@dataclass(frozen=True)
class Plan:
    """Steps in the order they run; each takes only results given before it.

    *clock* is the one moment, in seconds since 1970, that every tool is told it is. *targets*
    are the results that people want; the others are only made if one of those needs them.
    """

    name: str
    clock: int
    steps: tuple[Step, ...]
    targets: tuple[Result, ...]

    def __post_init__(self) -> None:
        known: dict[Result, str] = {}
        for step in self.steps:
            if missing := _others(step.takes, known):
                raise ValueError(f"{step.gives} takes {missing}, which nothing gives")
            if str(step.gives) in known.values():
                raise ValueError(f"two steps give {step.gives}")
            known[step.gives] = str(step.gives)
        if missing := _others(self.targets, known):
            raise ValueError(f"nothing gives {missing}")

    def digests(self) -> dict[Result, str]:
        """Map each result to a hash of everything that can change it.

        Two results with the same digest are interchangeable. Every field of a step counts, by
        construction: there is no list of fields to forget one in. Only a Where does not: the
        line of a file where something stands changes messages, never results.
        """
        return dict(self._digests)

    @cached_property
    def _digests(self) -> dict[Result, str]:
        digests: dict[Result, str] = {}
        for step in self.steps:
            says = {
                "kind": type(step).__name__,
                "version": step.version,
                "clock": self.clock,
                "fields": fields_of(step, places=False),
                "takes": {str(result): digests[result] for result in step.takes},
            }
            digests[step.gives] = hashlib.sha256(_text(says)).hexdigest()
        return digests

    def digest(self) -> str:
        """One hash for the whole plan: that of the results that people want."""
        digests = self.digests()
        return hashlib.sha256(_text([digests[result] for result in self.targets])).hexdigest()

    def needed(self, available: set[str]) -> tuple[Step, ...]:
        """The steps to run for the targets, when the digests in *available* are there already."""
        digests = self.digests()
        wanted, chosen = set(self.targets), []
        for step in reversed(self.steps):
            if step.gives in wanted and digests[step.gives] not in available:
                chosen.append(step)
                wanted.update(step.takes)
        return tuple(reversed(chosen))

    def above(self, results: Iterable[Result]) -> tuple[Step, ...]:
        """Return the steps that give *results*, and all steps that take a result of one of these,
        however far up."""
        held, found = set(results), []
        for step in self.steps:
            if step.gives in held or held & set(step.takes):
                held.add(step.gives)
                found.append(step)
        return tuple(found)

    def to_json(self) -> str:
        """Write the plan for people, diffs and other programs."""
        digests = self.digests()
        steps = [
            {
                "gives": str(step.gives),
                "digest": digests[step.gives],
                "takes": [str(result) for result in step.takes],
                "kind": type(step).__name__,
                "version": step.version,
                "fields": fields_of(step, places=True),
            }
            for step in self.steps
        ]
        targets = [str(result) for result in self.targets]
        whole = {"name": self.name, "clock": self.clock, "targets": targets, "steps": steps}
        return json.dumps(whole, indent=1, sort_keys=False)

    @staticmethod
    def from_json(text: str) -> "Plan":
        """Read what to_json() wrote; raise ValueError if it is something else."""
        data = json.loads(text)
        given: dict[str, Result] = {}
        readers = {kind: _reader(kind, given) for kind in get_args(Result)}
        steps: list[Step] = []
        for one in data["steps"]:
            steps.append(decode(KINDS[one["kind"]], one["fields"], readers=readers))
            given[str(steps[-1].gives)] = steps[-1].gives
        targets = tuple(_given(name, given) for name in data["targets"])
        return Plan(data["name"], data["clock"], tuple(steps), targets)


def _others(results: Iterable[Result], known: Iterable[Result]) -> list[str]:
    """Return the texts of those *results* that are not *known*, sorted."""
    return sorted(map(str, set(results) - set(known)))


def _reader(kind: type[Result], given: dict[str, Result]) -> Callable[[str], Result]:
    """Return a function that finds a result of one *kind* by its text among those *given* so far;
    it raises ValueError if there is none."""

    def read(text: str) -> Result:
        result = _given(text, given)
        if not isinstance(result, kind):
            raise ValueError(f"{text} is no {kind.__name__}")
        return result

    return read


def _given(text: str, given: dict[str, Result]) -> Result:
    if text not in given:
        raise ValueError(f"nothing gives {text}")
    return given[text]


def repeatable(step: Step) -> bool:
    """Whether *step*, done again, gives the same bytes; most steps need not say so."""
    return bool(getattr(step, "repeatable", True))


def fields_of(step: Step, *, places: bool) -> dict[str, Any]:
    """The fields of *step* as plain data, results by their texts; *places* False leaves every
    Where out, known by its type."""
    plain: dict[str, Any] = _plain(step, places)
    return plain


def _plain(value: Any, places: bool) -> Any:
    if isinstance(value, Where) and not places:
        return None
    if isinstance(value, Result | Path):
        return str(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), places) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(one, places) for one in value]
    return value


def _text(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
