"""Package managers. To add one: write its file and add it to KNOWN."""

from collections.abc import Mapping
from typing import Protocol

from appliance.backends.package_managers.apt import Apt
from appliance.backends.package_managers.dnf import DnfManager
from appliance.backends.package_managers.model import LockedPackage
from appliance.work import Work


class PackageManager(Protocol):
    """How packages get into an empty tree.

    *tools* are the host's programs that it calls; *shaping_tools* those among them whose versions
    show in the result."""

    name: str
    tools: tuple[str, ...]
    shaping_tools: tuple[str, ...]

    def install(
        self,
        work: Work,
        packages: tuple[LockedPackage, ...],
        *,
        documentation: bool,
        languages: tuple[str, ...] | None,
        seeds: tuple[tuple[str, str], ...],
        options: Mapping[str, str],
    ) -> None:
        """Install *packages* into `work.tree.root`, running their scripts in the sandbox; *options*
        are its own words, from the family.

        Raises CommandError, naming the package, if one of its scripts fails.
        """


KNOWN: dict[str, PackageManager] = {manager.name: manager for manager in (Apt(), DnfManager())}


def find(name: str) -> PackageManager:
    """Return the package manager called *name*; the plan names only known ones."""
    return KNOWN[name]
