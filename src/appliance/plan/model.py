"""A plan is a list of steps. Its digests say which results may be reused."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from appliance.codec import decode
from appliance.errors import Where
from appliance.steps import KINDS, Step


@dataclass(frozen=True)
class Plan:
    """Steps in the order they run; each takes only results given before it.

    *clock* is the one moment, in seconds since 1970, that every tool is told it is. *targets*
    are the results that people want; the others are only made if one of those needs them.
    """

    name: str
    clock: int
    steps: tuple[Step, ...]
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        known: set[str] = set()
        for step in self.steps:
            missing = set(step.takes) - known
            if missing:
                raise ValueError(f"{step.gives} takes {sorted(missing)}, which nothing gives")
            known.add(step.gives)
        if not set(self.targets) <= known:
            raise ValueError(f"nothing gives {sorted(set(self.targets) - known)}")

    def digests(self) -> dict[str, str]:
        """Map each result to a hash of everything that can change it.

        Two results with the same digest are interchangeable. Every field of a step counts, by
        construction: there is no list of fields to forget one in. Only a Where does not: the
        line of a file where something stands changes messages, never results.
        """
        return dict(self._digests)

    @cached_property
    def _digests(self) -> dict[str, str]:
        digests: dict[str, str] = {}
        for step in self.steps:
            says = {
                "kind": type(step).__name__,
                "version": step.version,
                "clock": self.clock,
                "fields": fields_of(step, places=False),
                "takes": {name: digests[name] for name in step.takes},
            }
            digests[step.gives] = hashlib.sha256(_text(says)).hexdigest()
        return digests

    def digest(self) -> str:
        """One hash for the plan: that of what it delivers."""
        digests = self.digests()
        return hashlib.sha256(_text([digests[name] for name in self.targets])).hexdigest()

    def needed(self, available: set[str]) -> tuple[Step, ...]:
        """The steps to run for the targets, when the digests in *available* are there already."""
        digests = self.digests()
        wanted, chosen = set(self.targets), []
        for step in reversed(self.steps):
            if step.gives in wanted and digests[step.gives] not in available:
                chosen.append(step)
                wanted.update(step.takes)
        return tuple(reversed(chosen))

    def above(self, names: Iterable[str]) -> tuple[Step, ...]:
        """The steps that give *names*, and those that take any of their results, however far up."""
        held, found = set(names), []
        for step in self.steps:
            if step.gives in held or held & set(step.takes):
                held.add(step.gives)
                found.append(step)
        return tuple(found)

    def unrepeatable(self) -> tuple[Step, ...]:
        """The steps that may give other bytes the next time, and those that take their results."""
        return self.above(step.gives for step in self.steps if not repeatable(step))

    def to_json(self) -> str:
        """Write the plan for people, diffs and other programs."""
        digests = self.digests()
        steps = [
            {
                "gives": step.gives,
                "digest": digests[step.gives],
                "takes": list(step.takes),
                "kind": type(step).__name__,
                "version": step.version,
                "fields": fields_of(step, places=True),
            }
            for step in self.steps
        ]
        whole = {"name": self.name, "clock": self.clock, "targets": self.targets, "steps": steps}
        return json.dumps(whole, indent=1, sort_keys=False)

    @staticmethod
    def from_json(text: str) -> "Plan":
        """Read what to_json() wrote; raise ValueError if it is something else."""
        data = json.loads(text)
        steps = tuple(decode(KINDS[step["kind"]], step["fields"]) for step in data["steps"])
        return Plan(data["name"], data["clock"], steps, tuple(data["targets"]))


def repeatable(step: Step) -> bool:
    """Whether *step*, done again, gives the same bytes; most steps need not say so."""
    return bool(getattr(step, "repeatable", True))


def fields_of(step: Step, *, places: bool) -> dict[str, Any]:
    """The fields of *step* as plain data; *places* False leaves every Where out."""
    plain: dict[str, Any] = asdict(step, dict_factory=dict)  # type: ignore[call-overload]
    kept: dict[str, Any] = (
        json.loads(json.dumps(plain, default=str)) if places else _without_places(step, plain)
    )
    return kept


def _without_places(step: Any, plain: Any) -> Any:
    """Walk *step* and its plain form together, so that a Where is known by its type."""
    if isinstance(step, Where):
        return None
    if isinstance(plain, dict):
        return {name: _without_places(getattr(step, name), item) for name, item in plain.items()}
    if isinstance(plain, tuple | list):
        return [_without_places(one, item) for one, item in zip(step, plain, strict=True)]
    return plain


def _text(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
