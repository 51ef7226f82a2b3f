"""Kickstarts of other people: which are understood, which can be planned, why others are refused.

`python -m tests.corpus DIRECTORY` prints it; each directory in that is a source. What a kickstart
leaves to the command line is given there, as the tool's own advice says: repositories, keys, a
release, an architecture.
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.creation.foresee import Foreseen, Launched, foresee
from appliance.errors import GrammarError, Where
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

SUFFIXES = (".ks", ".cfg", ".kickstart", ".in", ".template", "")
LINE = re.compile(r"^(%packages|part |partition |rootpw |lang |url |repo |autopart)", re.MULTILINE)
INCLUDED = re.compile(r"^\s*%(?:include|ksappend)\s+(\S+)", re.MULTILINE)
ABSENT = "there is no file to include"
NAMES = re.compile(r"'[^']*'|\S*/\S+|\d+")  # what differs between two refusals of one kind
NO_ROOT = "there is no root partition"  # the whole refusal of a piece that others include
# cloud images, containers and Vagrant boxes of RHEL and those that follow it, by their places
OFFICIAL = re.compile(
    r"(?i)(rocky|alma|oracle|centos).*(cloud|azure|ec2|hvm|docker|container|vagrant|ovirt|base)"
)
MOST_TURNS = 12  # of following advice
FAMILIES = {
    "rocky": "rocky-9",
    "alma": "almalinux-9",
    "oracle": "oracle-9",
    "centos": "centos-stream-9",
    "": "fedora-44",
}  # whose repositories somebody would take, by a word in the kickstart's place


@dataclass(frozen=True)
class Typed:
    """What somebody types besides the kickstart."""

    options: RepositoryOptions = field(default_factory=RepositoryOptions)
    target: Target = field(default_factory=Target)
    overrides: Overrides = field(default_factory=Overrides)


def follow(advice: str, path: Path, typed: Typed) -> Typed:
    """Return what somebody types next who follows an advice; the same if there is nothing to."""
    options = typed.options
    if found := re.search(r"--no-gpg-check (\S+)", advice):
        return replace(typed, options=replace(options, unchecked=(*options.unchecked, found[1])))
    if "--releasever" in advice:
        return replace(typed, options=replace(options, releasever=release_of(path)))
    if found := re.search(r"--var (\w+)=", advice):
        variables = (*options.variables, (found[1], "9"))
        return replace(typed, options=replace(options, variables=variables))
    if "--arch aarch64" in advice:
        return replace(typed, target=replace(typed.target, architecture="aarch64"))
    if "--passphrase env:" in advice:
        return replace(typed, overrides=replace(typed.overrides, passphrase="env:SECRET"))
    if "--mirror URL" in advice:
        return replace(typed, options=replace(options, mirror="https://mirror.example.org/os"))
    if "--repo" in advice and not options.repositories:
        known = next(name for word, name in FAMILIES.items() if word in str(path).lower())
        return replace(typed, options=replace(options, repositories=(known,)))
    return typed


def release_of(path: Path) -> str:
    """The release that somebody would say: the last number in the kickstart's place."""
    numbers = re.findall(r"\d+", str(path))
    return numbers[-1] if numbers else "9"


def as_a_user(path: Path) -> tuple[Foreseen, Foreseen]:
    """Check a kickstart as it is, and with all that the advice says to type."""
    typed = Typed()
    first = found = check(path, typed)
    for _ in range(MOST_TURNS):
        errors = [*([found.open] if found.open else ()), *found.problems]
        said = " ".join(f"{error.problem} {error.hint}" for error in errors)
        more = follow(said, path, typed)
        if more == typed:
            break
        typed, found = more, check(path, more)
    return first, found


def check(path: Path, typed: Typed) -> Foreseen:
    """Check a kickstart; nothing is fetched."""
    return foresee(path, typed.overrides, typed.options, Launched(typed.target))


@dataclass
class Tally:
    """What became of the root files of one source: those that no other file includes."""

    roots: int = 0
    incomplete: int = 0  # something that they include is not there
    pieces: int = 0  # for others to include: nothing in them is about a disk
    parsed: int = 0
    planned: int = 0  # as they are
    told: int = 0  # planned, once their advice was followed
    official: int = 0
    official_told: int = 0
    why: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # ended in a traceback

    def add(self, path: Path, found: tuple[Foreseen, Foreseen]) -> None:
        """Count one root file."""
        first, last = found
        self.roots += 1
        if any(error.problem.startswith(ABSENT) for error in first.problems):
            self.incomplete += 1
            return
        whole_file = Where(path, 1)  # and no line in it that is about storage
        if [e for e in first.problems if (e.problem, e.where) == (NO_ROOT, whole_file)]:
            self.pieces += 1
            return
        whole = not last.problems and not last.open
        self.parsed += not any(isinstance(error, GrammarError) for error in first.problems)
        self.planned += not first.problems
        self.told += whole
        if OFFICIAL.search(str(path)):
            self.official += 1
            self.official_told += whole
        problems = (*last.problems, *([last.open] if last.open else ()))
        for kind, error in {NAMES.sub("…", error.problem): error for error in problems}.items():
            self.why[kind] += 1
            self.example.setdefault(kind, str(error.where or path))

    @property
    def images(self) -> int:
        """How many are whole kickstarts of images."""
        return self.roots - self.incomplete - self.pieces


def kickstarts(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files under *directory* that look like kickstarts, with their text."""
    for path in sorted(directory.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            text = path.read_text(errors="replace")
            if LINE.search(text):
                yield path, text


def measure(directory: Path) -> dict[str, Tally]:
    """Check every root file, as it is and with its advice; nothing is fetched."""
    texts = dict(kickstarts(directory))
    included = {Path(name.strip("\"'")).name for text in texts.values() for name in
                INCLUDED.findall(text)}  # fmt: skip
    tallies: dict[str, Tally] = defaultdict(Tally)
    for path in texts:
        if path.name in included:
            continue
        tally = tallies[path.relative_to(directory).parts[0]]
        try:
            found = as_a_user(path)
        except Exception as error:  # noqa: BLE001 - any traceback is what we look for
            tally.broken.append(f"{path}: {error!r}")
            continue
        tally.add(path, found)
    return dict(tallies)


def table(tallies: dict[str, Tally]) -> str:
    """The tallies for people: one line a source, the sum, then why others are refused."""
    lines = [
        f"{'source':<36} roots  include missing  pieces  images  parsed  planned  with its advice"
    ]
    for name, tally in [*tallies.items(), ("all", whole(tallies))]:
        lines.append(
            f"{name:<36} {tally.roots:5}  {tally.incomplete:15}  {tally.pieces:6}  "
            f"{tally.images:6}  {share(tally.parsed, tally.images)}  "
            f"{share(tally.planned, tally.images)}  {share(tally.told, tally.images):>15}"
        )
    tally = whole(tallies)
    lines.append(
        f"cloud images, containers and Vagrant boxes of RHEL's kin: {tally.official_told} of "
        f"{tally.official} with its advice, {share(tally.official_told, tally.official).strip()}"
    )
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
        total.pieces += tally.pieces
        total.told += tally.told
        total.official += tally.official
        total.official_told += tally.official_told
        total.why += tally.why
        total.example = tally.example | total.example
        total.broken += tally.broken
    return total


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("name a directory of kickstarts: APPLIANCE_KICKSTARTS=DIRECTORY make corpus")
    sys.stdout.write(table(measure(Path(sys.argv[1]))) + "\n")
