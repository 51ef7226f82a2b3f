"""Which findings somebody has allowed, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from appliance.backends.image_rules.globs import pattern
from appliance.backends.image_rules.model import Finding, Rule
from appliance.bundle.allowed import Allowed
from appliance.errors import RequestError


@dataclass(frozen=True)
class Sifted:
    """Findings, some of which are allowed.

    *found*: those that nobody has allowed.
    *allowed*: the others, each with what allows it.
    *idle*: what allows nothing that was found.
    """

    found: tuple[Finding, ...]
    allowed: tuple[tuple[Finding, Allowed], ...]
    idle: tuple[Allowed, ...]


def wrongly_allowed(allowed: Iterable[Allowed], rules: Iterable[Rule]) -> tuple[RequestError, ...]:
    """Return an error for each of *allowed* that names none of *rules*."""
    names = tuple(rule.name for rule in rules)
    return tuple(_unknown(each, names) for each in allowed if each.rule not in names)


def check_allowed(allowed: Iterable[Allowed], rules: Iterable[Rule]) -> None:
    """Raise RequestError if one of *allowed* names none of *rules*."""
    for error in wrongly_allowed(allowed, rules):
        raise error


def _unknown(allowed: Allowed, names: tuple[str, ...]) -> RequestError:
    near = get_close_matches(allowed.rule, names, n=1)
    return RequestError(
        f"there is no rule '{allowed.rule}' to allow",
        hint=f"{near[0]}? or: appliance lint --rules" if near else "appliance lint --rules",
        where=allowed.where,
    )


def sift(findings: Iterable[Finding], allowed: Iterable[Allowed]) -> Sifted:
    """Tell the *findings* that are *allowed* from the others; the first that allows one counts."""
    found, let, used = [], [], set()
    every = tuple(allowed)
    for finding in findings:
        by = next((each for each in every if _allows(each, finding)), None)
        if by is None:
            found.append(finding)
        else:
            let.append((finding, by))
            used.add(by)
    return Sifted(tuple(found), tuple(let), tuple(each for each in every if each not in used))


def _allows(allowed: Allowed, finding: Finding) -> bool:
    if allowed.rule != finding.rule:
        return False
    return not allowed.path or bool(pattern(allowed.path).fullmatch(finding.path))
