"""The whole story of an audit: the packages that are there, what is known against them, and what
somebody has judged already."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.families.known import APT_KNOWN
from appliance.backends.package_managers.version_order import DEB, RPM
from appliance.bundle.manifest import PACKAGES, packages_read
from appliance.errors import RequestError
from appliance.inspection.audit import files
from appliance.inspection.audit.match import FIXED, Finding, findings
from appliance.inspection.audit.vex import Judgement, judged
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.facts import Inspection
from appliance.inspection.inspect import inspect
from appliance.intake.layers import USUAL, Means
from appliance.intake.received import Received

SCHEMA = 1  # of what `audit --json` prints
CODE_NAME = re.compile(r"\(([A-Za-z]+)[A-Za-z ]*\)\s*$")  # of VERSION in os-release(5)


@dataclass(frozen=True)
class Subject:
    """What is audited: the *packages* of a system with the os-release ID *system*, of its release
    with the code name *release*, which is empty if nothing says it; *name* is the appliance's."""

    name: str
    system: str
    release: str
    packages: tuple[InstalledPackage, ...]

    @property
    def manager(self) -> str:
        """The package manager, which orders their versions: DEB or RPM; DEB if there are none."""
        return self.packages[0].manager if self.packages else DEB


@dataclass(frozen=True)
class Audit:
    """What is known against an appliance.

    *schema*: the number of this schema.
    *name*: what the appliance is called.
    *system*, *release*: its distribution, and the code name of its release.
    *packages*: how many packages were looked at.
    *findings*: what is true of them, what can be mended first.
    *settled*: what is known too, and somebody has judged as no matter, with the judgement.
    """

    name: str
    system: str
    release: str
    packages: int
    findings: tuple[Finding, ...]
    settled: tuple[tuple[Finding, Judgement], ...] = ()
    schema: int = SCHEMA

    def matters(self, *, all_of_it: bool) -> tuple[Finding, ...]:
        """The findings that somebody can do something about now; with *all_of_it*, the others."""
        return tuple(each for each in self.findings if all_of_it or each.state == FIXED)


def subject_of(given: Received, *, means: Means = USUAL) -> Subject:
    """The packages that are installed in the appliance that was *given*. Raises as inspect()."""
    return subject_told(inspect(given, ("packages", "system"), means=means))


def subject_told(found: Inspection) -> Subject:
    """The packages of which an inspection tells.

    Raises RequestError if it tells of none, or of no system.
    """
    if not found.packages or found.system is None:
        raise RequestError(f"{found.name} holds no system whose packages can be listed")
    code_name = CODE_NAME.search(found.system.version)
    release = code_name[1].lower() if code_name else found.system.version_id
    return Subject(found.name, found.system.id, release, found.packages)


def is_list(path: Path) -> bool:
    """Whether *path* is named like the package list of a bundle."""
    return path.name.endswith(PACKAGES) and path.is_file()


def subject_in(path: Path) -> Subject:
    """The packages in the package list *path* of a bundle.

    Raises RequestError for what is no package list, or one that names no packages, or not the
    sources by which what is known of Debian's packages is found.
    """
    said = packages_read(path)
    manager = DEB if said.family in APT_KNOWN else RPM
    sources = manager == RPM or all(each.source for each in said.packages)
    if not said.packages or not sources:
        raise RequestError(
            f"{path} names no {'source ' if said.packages else ''}packages that can be looked up",
            hint="build it anew, or audit the image itself",
        )
    packages = tuple(
        InstalledPackage(
            name=each.name,
            version=each.version,
            architecture=each.architecture,
            manager=manager,
            source=each.source,
            source_version=each.source_version,
        )
        for each in said.packages
    )
    return Subject(said.name, said.family, said.family_release, packages)


def audit(
    subject: Subject, data: Sequence[Path], release: str = "", vex: Sequence[Judgement] = ()
) -> Audit:
    """Compare the packages of *subject* with what the files *data* say of *release*, by default
    its own; findings that a judgement of *vex* settles are apart.

    Raises RequestError for a file that cannot be read or understood, or tells of packages of
    another kind.
    """
    release = release or subject.release
    known = [advisory for path in data for advisory in files.read(path, release, subject.manager)]
    open_ones, settled = judged(findings(subject.packages, known, subject.manager), vex)
    return Audit(
        name=subject.name,
        system=subject.system,
        release=release,
        packages=len(subject.packages),
        findings=tuple(open_ones),
        settled=tuple(settled),
    )
