"""Which packages were added or removed, are newer or older."""

from collections.abc import Iterator, Sequence

from appliance.backends.package_managers.version_order import older
from appliance.inspection.comparison.model import (
    ADDED,
    CHANGED,
    NEWER,
    OLDER,
    REMOVED,
    PackageChange,
)
from appliance.inspection.content_facts import InstalledPackage

Installed = Sequence[InstalledPackage]


def package_changes(left: Installed, right: Installed) -> tuple[PackageChange, ...]:
    """What became of each package, by name. Of one that is there in several versions, as kernels
    of rpm are, those count that only one side has."""
    sides = [_by_name(side) for side in (left, right)]
    found: list[PackageChange] = []
    for key in sorted(sides[0].keys() | sides[1].keys()):
        one, two = (side.get(key, {}) for side in sides)
        gone = [one[version] for version in one if version not in two]
        come = [two[version] for version in two if version not in one]
        found += _of(gone, come)
    return tuple(found)


def _of(gone: Installed, come: Installed) -> Iterator[PackageChange]:
    if len(gone) == len(come) == 1:
        yield _change(come[0], order(gone[0], come[0]), gone[0].version, come[0].version)
        return
    for package in gone:
        yield _change(package, REMOVED, package.version, "")
    for package in come:
        yield _change(package, ADDED, "", package.version)


def order(left: InstalledPackage, right: InstalledPackage) -> str:
    """Whether *right* is newer or older than *left*, by its package manager's order."""
    if older(left.version, right.version, right.manager):
        return NEWER
    return OLDER if older(right.version, left.version, right.manager) else CHANGED


def _change(package: InstalledPackage, change: str, left: str, right: str) -> PackageChange:
    return PackageChange(
        package.name, package.architecture, change, left, right, package.source, package.reason
    )


def _by_name(packages: Installed) -> dict[tuple[str, str], dict[str, InstalledPackage]]:
    """The packages by name and architecture, then by version."""
    found: dict[tuple[str, str], dict[str, InstalledPackage]] = {}
    for each in packages:
        versions = found.setdefault((each.name, each.architecture), {})
        versions[each.version.removeprefix("0:")] = each
    return found
