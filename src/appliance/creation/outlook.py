"""Say what a build of a plan would do, before it does it."""

import json
from dataclasses import dataclass
from typing import Any

from appliance.plan.model import Plan, fields_of, repeatable
from appliance.steps import Step
from appliance.store.results import Store
from appliance.work.results import Result


@dataclass(frozen=True)
class Outlook:
    """What a build would do with one step.

    *gives*: the result of the step, by the text that plans have for it.
    *kind*: the name of the step's class.
    *digest*: the digest of all that goes into the step.
    *why*: why the step would run; empty: it would not, since its result is in the store.
    *repeatable*: whether running the step again gives the same bytes.
    """

    gives: str
    kind: str
    digest: str
    why: str
    repeatable: bool = True


def outlook(plan: Plan, store: Store) -> list[Outlook]:
    """Say for each step of *plan* whether it will run, and because of what."""
    digests = plan.digests()
    available = store.finished(digests.values())
    needed = {step.gives for step in plan.needed(available)}
    before = _last_plan(store, plan.name)
    return [
        Outlook(
            str(step.gives),
            type(step).__name__,
            digests[step.gives],
            _why(step, digests, before, plan) if step.gives in needed else "",
            repeatable(step),
        )
        for step in plan.steps
    ]


def _last_plan(store: Store, name: str) -> dict[str, Any]:
    path = store.plans / f"{name}.json"
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_text())
        return {step["gives"]: {**step, "clock": data["clock"]} for step in data["steps"]}
    except (ValueError, KeyError, TypeError):  # cut off when the machine lost its power
        return {}


def _why(step: Step, digests: dict[Result, str], before: dict[str, Any], plan: Plan) -> str:
    if not before:
        return "this was not built before"
    old = before.get(str(step.gives))
    if old is None:
        return "the step is new"
    fields = fields_of(step, places=True)
    reasons = [name for name, value in fields.items() if old["fields"].get(name) != value]
    if old["clock"] != plan.clock:
        reasons.append("the clock")
    below = [
        str(result)
        for result in step.takes
        if before.get(str(result), {}).get("digest") != digests[result]
    ]
    reasons += below[:1]  # what lies above the first follows from it
    if reasons:
        return f"{', '.join(reasons)} changed"
    return "its result is not in the store"
