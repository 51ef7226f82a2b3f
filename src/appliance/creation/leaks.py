"""What a build says of that in its tree which others should not get."""

import json

from appliance.backends import image_rules
from appliance.backends.image_rules import Finding, Rule, Sifted
from appliance.bundle.allowed import Allowed
from appliance.errors import RecipeError, RequestError
from appliance.events import Emit, Noted, Warned
from appliance.plan.model import Plan
from appliance.steps.judge_files import JudgeFiles, read_judgement
from appliance.store.results import Store

STRICT = "mend it, or say that it is meant: --allow RULE:PATH, or [[allow]] in the product sheet"


def check(allowed: tuple[Allowed, ...]) -> None:
    """Raise RequestError if one of *allowed* names a rule that there is not."""
    image_rules.check_allowed(allowed, every_rule())


def wrong(allowed: tuple[Allowed, ...]) -> tuple[RequestError, ...]:
    """Return an error for each of *allowed* that names a rule that there is not."""
    return image_rules.wrongly_allowed(allowed, every_rule())


def every_rule() -> tuple[Rule, ...]:
    """All rules that a sheet may speak of: not only those that a build judges by."""
    return image_rules.every_rule(tuple(image_rules.KNOWN))


def tell(
    plan: Plan, store: Store, allowed: tuple[Allowed, ...], *, strict: bool, emit: Emit
) -> None:
    """Tell what was found in the tree of *plan*, and which of it is *allowed*.

    Raises RecipeError if anything is not, and the build is *strict*.
    """
    step = next(step for step in plan.steps if isinstance(step, JudgeFiles))
    judgement = read_judgement(store.data(plan.digests()[step.gives]).read_text())
    sifted = image_rules.sift(judgement.findings, allowed)
    for text in (*judgement.unjudged, *_notes(sifted)):
        emit(Noted(text))
    if strict and sifted.found:
        count = len(sifted.found)
        raise RecipeError(
            f"in the image {'is 1 thing' if count == 1 else f'are {count} things'} that must not "
            "leave the house",
            hint=STRICT,
            tail=tuple(map(line, sifted.found[:MOST])),
        )
    for finding in sifted.found:
        emit(Warned(line(finding)))


MOST = 15  # findings in an error; a build that is not strict tells all


def line(finding: Finding) -> str:
    """A finding in a line: the rule, where, and what to do. Names of files are a stranger's."""
    return f"{finding.rule}: {_shown(str(finding))}; {finding.cure}"


def _notes(sifted: Sifted) -> tuple[str, ...]:
    told = (f"{each.rule}: {_shown(str(each))}: {by.reason}" for each, by in sifted.allowed)
    judged = {rule.name for rule in image_rules.every_rule() if rule.paths or rule.look}
    idle = (f"nothing was found that `{each}` allows" for each in sifted.idle
            if each.rule in judged)  # fmt: skip
    return (*told, *idle)


def _shown(text: str) -> str:
    """*text* as it can stand in JSON and in a log: a name that is no UTF-8 with its bytes."""
    return text if text.isprintable() else json.dumps(text)[1:-1]
