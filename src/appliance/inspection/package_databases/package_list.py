"""All packages of an image, why they are there, and whose the files are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from appliance.backends.package_managers.package_facts import PackageFacts, needs
from appliance.bundle.model import Package
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.installed import Installed, Ownership
from appliance.inspection.package_databases import dpkg_database, rpm_database
from appliance.work.file_tree import FILE


def ownership(image: Catalogue) -> tuple[Ownership, tuple[str, ...]]:
    """The packages of the *image* with their files, and what could not be read of them."""
    found: list[Installed] = []
    notes: list[str] = []
    if dpkg_database.has_one(image):
        found += dpkg_database.packages(image)
    rpms, problem = rpm_database.packages(image)
    found += rpms
    notes += [problem] if problem else []
    if not found:
        notes.append("no list of packages: neither dpkg's nor rpm's")
    by_path: dict[str, int] = {}
    for number, package in enumerate(found):
        for path in package.paths:
            by_path.setdefault(image.real(path), number)
    return Ownership(tuple(found), by_path), tuple(notes)


def told(
    owned: Ownership, image: Catalogue, known: Sequence[Package]
) -> tuple[InstalledPackage, ...]:
    """What is to be said of all packages; *known* is the list that the bundle has of them."""
    needed = _needs(owned.packages)
    needed_by: dict[str, set[str]] = {}
    for package, names in zip(owned.packages, needed, strict=True):
        for name in names:
            needed_by.setdefault(name, set()).add(package.facts.name)
    sizes = _sizes(owned, image)
    listed = {(each.name, each.architecture): each for each in known}
    found = [
        replace(
            _enriched(package.facts, listed),
            needs=names,
            needed_by=tuple(sorted(needed_by.get(package.facts.name, ()))),
            size=sizes.get(number, 0),
            files=len(package.paths),
        )
        for number, (package, names) in enumerate(zip(owned.packages, needed, strict=True))
    ]
    return tuple(sorted(found, key=lambda each: (each.name, each.architecture, each.version)))


def _needs(packages: Sequence[Installed]) -> list[tuple[str, ...]]:
    return needs([
        (each.facts.name, PackageFacts(requires=each.requires, provides=each.provides))
        for each in packages
    ])  # fmt: skip


def _sizes(owned: Ownership, image: Catalogue) -> dict[int, int]:
    """Bytes of the files that each package has."""
    found: dict[int, int] = {}
    seen: set[int] = set()
    for path, number in owned.by_path.items():
        entry = image.by_path.get(path)
        if entry and entry.kind == FILE and entry.inode not in seen:
            seen.add(entry.inode)
            found[number] = found.get(number, 0) + entry.size
    return found


def _enriched(
    facts: InstalledPackage, listed: Mapping[tuple[str, str], Package]
) -> InstalledPackage:
    """*facts*, with what only the bundle's list knows: where it came from, and why."""
    known = listed.get((facts.name, facts.architecture))
    if known is None or known.version.removeprefix("0:") != facts.version.removeprefix("0:"):
        return facts
    return replace(
        facts,
        licence=known.licence or facts.licence,
        origin=known.origin or facts.origin,
        reason=known.reason or facts.reason,
    )
