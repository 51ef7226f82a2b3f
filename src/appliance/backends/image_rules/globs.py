"""Which rules look at which path: all globs of all rules, asked at once."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from appliance.backends.image_rules.model import Rule

WILD = re.compile(r"[*?\[]")


@cache
def pattern(glob: str) -> "re.Pattern[str]":
    """Return the regular expression of a path that *glob* means."""
    parts = re.split(r"(/\*\*/|\*\*|\*|\?|\[[^]]+\])", glob)
    words = {"/**/": "/(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(
            words.get(part) or (part if part[:1] == "[" else re.escape(part)) for part in parts
        ),
        re.DOTALL,
    )


def within(path: str, globs: Iterable[str]) -> bool:
    """Whether *path* is one that any of *globs* means."""
    return any(pattern(glob).fullmatch(path) for glob in globs)


def directory(glob: str) -> str:
    """The directory that everything is in that *glob* means: up to the first wild card."""
    found = WILD.search(glob)
    return glob[: found.start() if found else len(glob)].rpartition("/")[0] + "/"


class Index:
    """The rules that look at a path, found by the directories that the path is in."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rows: dict[str, list[tuple[str, Rule]]] = {}
        for rule in rules:
            for glob in rule.paths:
                self.rows.setdefault(directory(glob), []).append((glob, rule))

    def looking_at(self, path: str) -> Iterator[Rule]:
        """The rules that look at the file *path*, each once."""
        told: set[str] = set()
        end = 0
        while end >= 0:
            for glob, rule in self.rows.get(path[: end + 1], ()):
                if rule.name not in told and pattern(glob).fullmatch(path):
                    told.add(rule.name)
                    if not within(path, rule.unless):
                        yield rule
            end = path.find("/", end + 1)
