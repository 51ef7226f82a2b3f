"""Kickstarts of other people: which are understood, which can be planned, why others are refused.

`python -m tests.corpus DIRECTORY` prints it; each directory in that is a source.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.engine.foresee import Launched, foresee
from appliance.errors import ApplianceError, GrammarError
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

SUFFIXES = (".ks", ".cfg", ".kickstart", ".in", ".template", "")
LINE = re.compile(r"^(%packages|part |partition |rootpw |lang |url |repo |autopart)", re.MULTILINE)
INCLUDED = re.compile(r"^\s*%(?:include|ksappend)\s+(\S+)", re.MULTILINE)
ABSENT = "there is no file to include"
NAMES = re.compile(r"'[^']*'|\S*/\S+|\d+")  # what differs between two refusals of one kind


@dataclass
class Tally:
    """What became of the root files of one source: those that no other file includes."""

    roots: int = 0
    incomplete: int = 0  # something that they include is not there
    parsed: int = 0
    planned: int = 0
    why: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # ended in a traceback

    def add(self, path: Path, problems: tuple[ApplianceError, ...]) -> None:
        """Count one root file."""
        self.roots += 1
        if any(error.problem.startswith(ABSENT) for error in problems):
            self.incomplete += 1
            return
        self.parsed += not any(isinstance(error, GrammarError) for error in problems)
        self.planned += not problems
        for kind, error in {NAMES.sub("…", error.problem): error for error in problems}.items():
            self.why[kind] += 1
            self.example.setdefault(kind, str(error.where or path))


def kickstarts(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files under *directory* that look like kickstarts, with their text."""
    for path in sorted(directory.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            text = path.read_text(errors="replace")
            if LINE.search(text):
                yield path, text


def measure(directory: Path) -> dict[str, Tally]:
    """Check every root file; nothing is fetched."""
    texts = dict(kickstarts(directory))
    included = {Path(name.strip("\"'")).name for text in texts.values() for name in
                INCLUDED.findall(text)}  # fmt: skip
    tallies: dict[str, Tally] = defaultdict(Tally)
    for path in texts:
        if path.name in included:
            continue
        tally = tallies[path.relative_to(directory).parts[0]]
        try:
            found = foresee(path, Overrides(), RepositoryOptions(), Launched(Target()))
        except Exception as error:  # noqa: BLE001 - any traceback is what we look for
            tally.broken.append(f"{path}: {error!r}")
            continue
        tally.add(path, found.problems)
    return dict(tallies)


def table(tallies: dict[str, Tally]) -> str:
    """The tallies for people: one line a source, the sum, then why others are refused."""
    lines = [f"{'source':<44} roots  include missing  parsed  planned  refused"]
    for name, tally in [*tallies.items(), ("all", whole(tallies))]:
        here = tally.roots - tally.incomplete
        lines.append(
            f"{name:<44} {tally.roots:5}  {tally.incomplete:15}  {share(tally.parsed, here)}  "
            f"{share(tally.planned, here)}  {here - tally.planned:7}"
        )
    tally = whole(tallies)
    lines += [f"{count:5}  {why}  ({tally.example[why]})" for why, count in tally.why.most_common()]
    return "\n".join([*lines, *tally.broken])


def share(part: int, of: int) -> str:
    """A part of something, in percent."""
    return f"{100 * part / of:6.1f}%" if of else "      -"


def whole(tallies: dict[str, Tally]) -> Tally:
    """All sources together."""
    total = Tally()
    for tally in tallies.values():
        total.roots += tally.roots
        total.incomplete += tally.incomplete
        total.parsed += tally.parsed
        total.planned += tally.planned
        total.why += tally.why
        total.example = tally.example | total.example
        total.broken += tally.broken
    return total


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("name a directory of kickstarts: APPLIANCE_KICKSTARTS=DIRECTORY make corpus")
    sys.stdout.write(table(measure(Path(sys.argv[1]))) + "\n")
