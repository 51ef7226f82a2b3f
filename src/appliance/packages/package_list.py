"""The list of a bundle's packages: what the lock knows of them, what they say of themselves, and
why each is there."""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.backends.package_managers.apt_choice import WITHIN
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.backends.package_managers.package_facts import PackageFacts, needs
from appliance.bundle.model import Package
from appliance.recipe.model import Packages

ASKED, SETTING, NEEDED = "asked", "setting", "needed"
REQUIRED = ("required",)
STANDARD = ("important", "standard")
NAME = re.compile(r"[^:=/ ]+")
CORE = "apt"  # what @core of apt's is, besides what is required


@dataclass(frozen=True)
class Reasons:
    """Why packages are there.

    *packages*: what the recipe asks for.
    *settings*: the packages that its settings, its disks and its machine need.
    *apt*: True if apt chose them: it has no groups but priorities and tasks.
    """

    packages: Packages
    settings: frozenset[str]
    apt: bool

    def of(self, package: LockedPackage, facts: PackageFacts) -> str:
        """ASKED if the recipe names *package* or a group that has it, SETTING if one of its
        settings does, else NEEDED: by another package."""
        names = (NAME.match(wanted.name) for wanted in self.packages.names)
        if any(fnmatch.fnmatchcase(package.name, name[0]) for name in names if name):
            return ASKED
        if package.reason == "group" or (self.apt and self._in_group(package, facts)):
            return ASKED
        if package.name in self.settings:
            return SETTING
        return ASKED if package.reason == "user" else NEEDED

    def _in_group(self, package: LockedPackage, facts: PackageFacts) -> bool:
        groups = {wanted.name for wanted in self.packages.groups}
        core = facts.priority in REQUIRED or package.name == CORE
        return (
            (self.packages.core and core)
            or ("standard" in groups and facts.priority in STANDARD)
            or package.name in {f"task-{name}" for name in groups}
        )


def reasons(packages: Packages, needed: Sequence[str], *, apt: bool) -> Reasons:
    """The Reasons for *packages*, and *needed*, what the family adds to them."""
    return Reasons(
        packages, frozenset((*needed, *(WITHIN.get(name, name) for name in needed))), apt
    )


def listed(lock: Lock, known: Sequence[PackageFacts], why: Reasons) -> tuple[Package, ...]:
    """All that can be said of the packages of *lock*; *known* are their facts, in their order."""
    origins = {item.name: item.origin for item in lock.repositories}
    pairs = list(zip(lock.packages, known, strict=True))
    needed = needs([(item.name, facts) for item, facts in pairs])
    licences = {item.name: facts.licence for item, facts in pairs}
    return tuple(
        Package(
            name=item.name,
            version=item.version,
            architecture=item.architecture,
            sha256=item.sha256,
            size=item.size,
            repository=item.repository,
            source=facts.source,
            source_version=facts.source_version,
            licence=facts.licence or licences.get(facts.documented_by, ""),
            origin=facts.vendor or origins.get(item.repository, ""),
            installed_size=facts.installed_size,
            reason=why.of(item, facts),
            needs=own,
        )
        for (item, facts), own in zip(pairs, needed, strict=True)
    )
