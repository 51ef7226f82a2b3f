"""Rules for what an image that others get must not hold, or must. To add a rule: add a row to the
table RULES of the file that it belongs to; to add a kind of them: a file, and a line in KNOWN."""

from appliance.backends.image_rules import identity, marks, residue, secrets, traces
from appliance.backends.image_rules.allowing import Sifted, check_allowed, sift, wrongly_allowed
from appliance.backends.image_rules.judging import judge
from appliance.backends.image_rules.model import (
    ERROR,
    WARNING,
    Background,
    Fault,
    Finding,
    Judgement,
    Rule,
    finding,
)

__all__ = [
    "ERROR", "KNOWN", "LEAKS", "MARKS", "WARNING", "Background", "Fault", "Finding", "Judgement",
    "Rule", "Sifted", "check_allowed", "every_rule", "finding", "judge", "sift", "wrongly_allowed",
]  # fmt: skip

KNOWN: dict[str, tuple[Rule, ...]] = {
    "identity": identity.RULES,
    "secrets": secrets.RULES,
    "traces": traces.RULES,
    "residue": residue.RULES,
    "marks": marks.RULES,
}
MARKS = ("marks",)  # whose names and pictures there are
LEAKS = ("identity", "secrets", "traces", "residue")  # what must not leave the house


def every_rule(groups: tuple[str, ...] = LEAKS) -> tuple[Rule, ...]:
    """All rules of *groups*, in their order."""
    return tuple(rule for group in groups for rule in KNOWN[group])
