"""What the maker of an appliance allows although a rule about images forbids it, and why."""

import re
from dataclasses import dataclass
from typing import Any

from appliance.bundle.sheet_keys import Key, typed_text
from appliance.errors import Where

RULE = re.compile(r"[a-z][a-z0-9-]*")
TYPED = "allowed on the command line"


@dataclass(frozen=True)
class Allowed:
    """One exception from a rule.

    *rule*: the name of the rule.
    *path*: a glob of the files that it is allowed for; empty for all.
    *reason*: why, for whoever reads the findings.
    *where*: the line that says so; None for the command line.
    """

    rule: str
    path: str = ""
    reason: str = TYPED
    where: Where | None = None

    def __str__(self) -> str:
        return f"{self.rule}:{self.path}" if self.path else self.rule


def parse_allowed(text: str) -> Allowed:
    """Read RULE or RULE:PATH; raises ValueError for what is neither."""
    rule, colon, path = text.partition(":")
    return Allowed(rule_name(rule), file_glob(path) if colon else "")


def rule_name(value: Any) -> str:
    """Return what can be the name of a rule."""
    if not RULE.fullmatch(typed_text(value)):
        raise ValueError("a rule has a name of small letters and hyphens, such as private-key")
    return str(value)


def file_glob(value: Any) -> str:
    """Return the path of a file in an image, with * for what is between."""
    if not typed_text(value).startswith("/"):
        raise ValueError("the file is named from the image's root on, such as /etc/shop/tls.key")
    return str(value)


def reason(value: Any) -> str:
    """Return why something is allowed: some words."""
    if not typed_text(value).strip():
        raise ValueError("a reason is needed, for whoever reads the findings")
    return str(value)


ALLOW = {
    "rule": Key(
        "rule",
        rule_name,
        "the rule that does not hold; every [[allow]] has one (`appliance lint --rules`)",
        '"private-key"',
    ),
    "path": Key(
        "path",
        file_glob,
        "the file that it does not hold for, with `*` and `**`; all of them if it is not said",
        '"/etc/shop/demo.key"',
    ),
    "reason": Key(
        "reason",
        reason,
        "why, for whoever reads the findings",
        '"the key of the demonstration, which the manual prints"',
    ),
}
