"""Which of what is known against packages is true of those that are installed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from appliance.backends.advisories import Advisory
from appliance.backends.package_managers.version_order import older
from appliance.inspection.content_facts import InstalledPackage

FIXED, OPEN, MINOR = "fixed", "open", "minor"  # in the order in which they matter
STATES = (FIXED, OPEN, MINOR)
SEVERITIES = ("critical", "important", "high", "moderate", "medium", "low", "")  # the worst first


@dataclass(frozen=True)
class Finding:
    """An advisory that is true of installed packages.

    *advisory*: what is known.
    *state*: FIXED: the release has a version without it, and the image does not; OPEN: nobody has;
        MINOR: nobody has, and the release's makers will not hurry.
    *version*: the version that is installed, of the source package where the advisory is of one.
    *packages*: the names of the installed packages, sorted.
    """

    advisory: Advisory
    state: str
    version: str
    packages: tuple[str, ...]


def findings(
    packages: Sequence[InstalledPackage], advisories: Iterable[Advisory], kind: str
) -> list[Finding]:
    """What is true of *packages*: FIXED first, then by severity and name. *kind* says how their
    versions are ordered, as version_order.older() does."""
    binaries: dict[str, list[InstalledPackage]] = defaultdict(list)
    sources: dict[str, list[InstalledPackage]] = defaultdict(list)
    for package in packages:
        binaries[package.name].append(package)
        sources[package.source or package.name].append(package)
    found = [
        finding
        for advisory in advisories
        for finding in _of(advisory, (binaries if advisory.binary else sources), kind)
    ]
    return sorted({_key(finding): finding for finding in found}.values(), key=_key)


def _of(
    advisory: Advisory, installed: dict[str, list[InstalledPackage]], kind: str
) -> Iterator[Finding]:
    by_version: dict[str, set[str]] = defaultdict(set)
    for package in installed.get(advisory.package, ()):
        version = package.version
        if not advisory.binary:
            version = package.source_version or package.version
        if advisory.architecture in ("", package.architecture) and has(advisory, version, kind):
            by_version[version].add(package.name)
    for version, names in by_version.items():
        yield Finding(advisory, _state(advisory), version, tuple(sorted(names)))


def has(advisory: Advisory, version: str, kind: str) -> bool:
    """Whether the package in this *version* has what *advisory* tells of."""
    if version in advisory.fixed_too:
        return False
    return not advisory.fixed or older(version, advisory.fixed, kind)


def _state(advisory: Advisory) -> str:
    if advisory.available:
        return FIXED
    return MINOR if advisory.minor else OPEN


def _key(finding: Finding) -> tuple[int, int, str, str, str]:
    severity = finding.advisory.severity
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    advisory = finding.advisory
    return STATES.index(finding.state), rank, advisory.package, advisory.name, finding.version
