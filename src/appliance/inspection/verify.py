"""Whether what is said of a bundle holds: each statement's signature, each file's digest."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from appliance.bundle.manifest import SUMS, sums_read
from appliance.bundle.statements import PROVENANCE, STATEMENTS, TEST_RESULT, Statement
from appliance.errors import RequestError, Where
from appliance.handover.beside import LOG
from appliance.host import trees
from appliance.intake.compressed_disks import MOST_BYTES
from appliance.intake.envelopes import LONGEST, Believed, PublicKey, UnbelievedError, believed
from appliance.intake.places import files_in, within
from appliance.units import MIB, show

LONGEST_SUMS = 16 * MIB  # bytes
NAMES = {PROVENANCE: "provenance", TEST_RESULT: "test result"}
CHECKSUMS = "checksums"


@dataclass(frozen=True)
class Verdict:
    """Whether one file's word about the others holds.

    *file*: the file that says it.
    *kind*: what it is: provenance, test result, checksums, or another predicate's type; empty if
        that cannot be told.
    *holds*: whether it is to be believed, and all that it says of files is so.
    *problem*: why it does not hold.
    *key*: the file of the key that signed it; empty for checksums, which nobody signs.
    *files*: of how many files it speaks.
    *result*: what a test came to: PASSED, WARNED or FAILED.
    """

    file: str
    kind: str
    holds: bool
    problem: str = ""
    key: str = ""
    files: int = 0
    result: str = ""


@dataclass
class Bundle:
    """The files in the directory *place*, whose digests are computed once."""

    place: Path
    digests: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, sha256: str) -> str:
        """What is wrong with the file *name*, which ought to have that SHA-256; empty: nothing."""
        try:
            path = within(name, self.place.resolve(), Where(self.place, 1))
        except RequestError as error:
            return error.problem
        if not path.exists():
            return f"{name} is missing"
        most = LONGEST if name.endswith(STATEMENTS) else MOST_BYTES
        if path.stat().st_size > most:
            return f"{name} is longer than {show(most)}: it is not read"
        if name not in self.digests:
            self.digests[name] = trees.sha256(path)
        same = self.digests[name] == sha256.lower()
        return "" if same else f"{name} is not the file that it speaks of: its SHA-256 differs"


@dataclass(frozen=True)
class Verified:
    """What verify() came to: the *verdicts*, and the files of the bundle that *nobody* speaks of
    who signed anything."""

    verdicts: tuple[Verdict, ...]
    nobody: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything that is said holds."""
        return all(verdict.holds for verdict in self.verdicts)


def verify(place: Path, keys: Sequence[PublicKey], more: Sequence[Path] = ()) -> Verified:
    """Look at every statement in the bundle *place*, and at *more* about it that lie elsewhere.

    Raises RequestError for what is no directory, or if there is no statement at all.
    """
    files = files_in(place)
    statements = [*(file for file in files if file.name.endswith(STATEMENTS)), *more]
    if not statements:
        raise RequestError(
            f"nobody signed a statement about {place}", hint="appliance build --statement-key FILE"
        )
    bundle = Bundle(place)
    verdicts, spoken = [], set[str]()
    for file in statements:
        verdict, names = _judged(file, bundle, keys)
        verdicts.append(verdict)
        spoken |= names
    if (place / SUMS) in files:
        verdicts.append(_checksums(bundle))
    elif os.path.lexists(place / SUMS):
        problem = "it is not a file of this bundle"
        verdicts.append(Verdict(SUMS, CHECKSUMS, holds=False, problem=problem))
    known = {SUMS, LOG, *(file.name for file in statements)}
    rest = tuple(file.name for file in files if file.name not in spoken | known)
    return Verified(tuple(verdicts), rest)


def _judged(
    file: Path, bundle: Bundle, keys: Sequence[PublicKey]
) -> tuple[Verdict, frozenset[str]]:
    """The verdict on one statement, and the files of which it speaks truly."""
    try:
        found = believed(file, keys)
    except UnbelievedError as error:
        return Verdict(file.name, "", holds=False, problem=str(error)), frozenset()
    statement = found.statement
    problem = next(_wrong(bundle, statement), "")
    names = frozenset() if problem else frozenset(statement.files)
    return _verdict(file, found, problem), names


def _verdict(file: Path, found: Believed, problem: str) -> Verdict:
    statement = found.statement
    result = statement.predicate.get("result") if statement.kind == TEST_RESULT else ""
    return Verdict(
        file=file.name,
        kind=NAMES.get(statement.kind, statement.kind),
        holds=not problem,
        problem=problem,
        key=str(found.key.file),
        files=len(statement.files),
        result=result if isinstance(result, str) else "",
    )


def _wrong(bundle: Bundle, statement: Statement) -> Iterator[str]:
    for name, sha256 in statement.files.items():
        if wrong := bundle.wrong(name, sha256):
            yield wrong


def _checksums(bundle: Bundle) -> Verdict:
    with (bundle.place / SUMS).open("rb") as file:
        text = file.read(LONGEST_SUMS).decode(errors="replace")
    listed = sums_read(text)
    wrong = (bundle.wrong(name, sha256) for name, sha256 in sorted(listed.items()))
    problem = next(filter(None, wrong), "" if listed else "it lists no file")
    return Verdict(SUMS, CHECKSUMS, holds=not problem, problem=problem, files=len(listed))
