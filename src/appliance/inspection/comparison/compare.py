"""The whole story of a comparison in words: open both images, look at both, say what differs."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from appliance.errors import RequestError
from appliance.inspection.audit.audit import audit, subject_told
from appliance.inspection.audit.match import Finding
from appliance.inspection.comparison import files
from appliance.inspection.comparison.changelogs import news
from appliance.inspection.comparison.files import Side
from appliance.inspection.comparison.growth import size_changes
from appliance.inspection.comparison.model import (
    COME,
    MENDED,
    Comparison,
    FileChange,
    SizeChanges,
    VulnerabilityChange,
)
from appliance.inspection.comparison.packages import package_changes
from appliance.inspection.comparison.settings import setting_changes
from appliance.inspection.facts import Inspection
from appliance.inspection.inspect import Look, needs_kernel, tell
from appliance.inspection.installed import Budget
from appliance.inspection.opened import open_image
from appliance.intake.layers import USUAL, Means
from appliance.intake.received import Received

BITS = "bits"
# What can be asked for, as of an inspection; changed files are among the files.
IN_WORDS = (
    "product", "system", "start", "disks", "packages", "sizes", "users", "units", "ports", "files",
    "certificates",
)  # fmt: skip
SECTIONS = (*IN_WORDS, BITS)
NEEDED = {"sizes": ("packages",)}  # sections that others give their reasons
SETTINGS = {*IN_WORDS} - {"packages", "sizes"}
MANY = f"only the first {files.MOST} files that differ are told"
NO_ROOT = "there is no root that can be read: {} is not compared in words"


@dataclass(frozen=True)
class Asked:
    """What is to be compared.

    *sections*: the names of sections; empty for all.
    *data*: files in which vulnerabilities are published.
    *changelogs*: whether what the packages' changelogs say is wanted.
    *means*: what it takes to read the images.
    """

    sections: tuple[str, ...] = ()
    data: tuple[Path, ...] = ()
    changelogs: bool = False
    means: Means = field(default=USUAL)

    @property
    def bits(self) -> bool:
        """Whether the blocks are to be compared, which takes longest."""
        return BITS in self.sections or not (self.sections or self.changelogs)

    @property
    def named(self) -> bool:
        """Whether somebody said what is wanted: it is an error, then, if there is no such thing."""
        return bool(self.sections or self.changelogs or self.data)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The sections that are told in words, in their order."""
        if self.changelogs and not self.sections:
            return ("packages",)
        return tuple(name for name in IN_WORDS if not self.sections or name in self.sections)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The sections of an inspection that this takes."""
        more = {name for wanted in self.wanted for name in NEEDED.get(wanted, ())}
        more |= {"packages", "system"} if self.data else set()
        more |= {"packages", "product"} if self.changelogs else set()
        return tuple(name for name in IN_WORDS if name in {*self.wanted, *more})


def compared(
    sides: tuple[Path, Path], receive: Callable[[Path], Received], asked: Asked, *, same: bool
) -> Comparison:
    """Say in words what differs between two appliances, which *receive* opens; nothing does if
    they are known to be the *same*.

    What is no appliance, or has no root, is not told, and a note says so. Raises RequestError for
    that if sections were named, and as inspect() and audit.audit().
    """
    found = Comparison(*_named(sides))
    if same or not asked.looked_at:
        return found
    try:
        left, right = (receive(side) for side in sides)
    except RequestError as error:
        if asked.named:
            raise
        return replace(found, notes=(error.problem,))
    kernel = needs_kernel(asked.looked_at, asked.means)
    with ExitStack() as stack:
        looks = [
            Look(side, stack.enter_context(
                open_image(side.image, means=asked.means, kernel=kernel)))
            for side in (left, right)
        ]  # fmt: skip
        lacking = [str(look.given.source) for look in looks if look.sight.root is None]
        if lacking and not asked.named:
            return replace(found, notes=tuple(NO_ROOT.format(name) for name in lacking))
        return _in_words(found, (looks[0], looks[1]), asked, kernel=kernel)


def _in_words(
    found: Comparison, looks: tuple[Look, Look], asked: Asked, *, kernel: bool
) -> Comparison:
    left, right = (tell(look, asked.looked_at, kernel=kernel) for look in looks)
    found = replace(comparison(found, left, right, asked.wanted), notes=_notes(found, left, right))
    found = _titled(found, left, right)
    if "files" in asked.wanted:
        one, two = (Side(look.image, look.owned) for look in looks)
        found = _with_files(found, one, two)
    if asked.changelogs:
        packages = left.packages or (), right.packages or ()
        changes = package_changes(*packages)
        found = replace(found, news=news(changes, packages, (looks[0].image, looks[1].image)))
    if asked.data:
        found = replace(found, vulnerabilities=_vulnerabilities(left, right, asked.data))
    return found


def _named(sides: tuple[Path, Path]) -> tuple[str, str, str, str]:
    """How both are called: by their paths, and by the names of their files."""
    left, right = sides
    return str(left), str(right), left.name, right.name


def _titled(found: Comparison, left: Inspection, right: Inspection) -> Comparison:
    """*found*, with what the products are called, if both say it."""
    names = [
        f"{side.product.name} {side.product.version}".strip() if side.product else ""
        for side in (left, right)
    ]
    return replace(found, left_name=names[0], right_name=names[1]) if all(names) else found


def comparison(
    found: Comparison, left: Inspection, right: Inspection, wanted: Sequence[str]
) -> Comparison:
    """*found*, with what differs between two inspections in the sections *wanted*."""
    packages = package_changes(left.packages or (), right.packages or ())
    sizes: SizeChanges | None = None
    if "sizes" in wanted and left.sizes is not None and right.sizes is not None:
        sizes = size_changes(left.sizes, right.sizes, packages)
    settings = [each for each in setting_changes(left, right) if each.section in wanted]
    return replace(
        found,
        packages=packages if "packages" in wanted else None,
        sizes=sizes,
        settings=tuple(settings) if SETTINGS & {*wanted} else None,
    )


def _with_files(found: Comparison, left: Side, right: Side) -> Comparison:
    budget = Budget()
    changes: list[FileChange] = list(
        islice(files.file_changes(left, right, budget), files.MOST + 1)
    )
    notes = [MANY] if len(changes) > files.MOST else []
    if budget.skipped:
        notes.append(f"{len(budget.skipped)} files are too large to be compared")
    return replace(found, files=tuple(changes[: files.MOST]), notes=(*found.notes, *notes))


def _notes(found: Comparison, left: Inspection, right: Inspection) -> tuple[str, ...]:
    """What is not known of either; what is so of both is told once."""
    both = [note for note in left.notes if note in right.notes]
    return (
        *found.notes,
        *both,
        *(f"{found.left}: {note}" for note in left.notes if note not in both),
        *(f"{found.right}: {note}" for note in right.notes if note not in both),
    )


def _vulnerabilities(
    left: Inspection, right: Inspection, data: Sequence[Path]
) -> tuple[VulnerabilityChange, ...]:
    """What is known of one side only: a vulnerability of a package that is gone is mended, too."""
    before, after = (_known(side, data) for side in (left, right))
    mended = [_told(each, MENDED) for key, each in before.items() if key not in after]
    come = [_told(each, COME) for key, each in after.items() if key not in before]
    return (*mended, *come)


def _known(found: Inspection, data: Sequence[Path]) -> Mapping[tuple[str, str], Finding]:
    findings = audit(subject_told(found), data).findings
    return {(each.advisory.name, each.advisory.package): each for each in findings}


def _told(finding: Finding, change: str) -> VulnerabilityChange:
    said = finding.advisory
    return VulnerabilityChange(
        said.name, said.package, change, said.severity, finding.version, said.fixed, said.about
    )
