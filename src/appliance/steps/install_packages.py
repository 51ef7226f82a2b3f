"""Install the locked packages into a root tree that is empty, or holds what %pre scripts made."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import package_managers
from appliance.backends.package_managers.model import OWN_RPM, LockedPackage
from appliance.work import Work
from appliance.work.results import Layer


@dataclass(frozen=True)
class InstallPackages:
    """Install packages by the package manager of their family.

    *manager*: the name of the package manager in backends/package_managers.
    *packages*: the packages, with versions and digests.
    *documentation*: whether files of documentation are installed.
    *languages*: the languages whose translations are installed; None: all.
    *seeds*: files that are written before the first script of a package runs, as (path, text).
    *options*: settings that only this package manager knows, as (name, value).
    *tools*: the programs that shape the result, with their versions.
    *after*: the layers that are in the root before.
    """

    version: ClassVar[int] = 5
    manager: str
    packages: tuple[LockedPackage, ...]
    documentation: bool
    languages: tuple[str, ...] | None
    seeds: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    tools: tuple[tuple[str, str], ...]
    after: tuple[Layer, ...] = ()

    @property
    def takes(self) -> tuple[Layer, ...]:
        """The layers that are in the root before. Package files are no results of steps: the store
        has them under their digests."""
        return self.after

    @property
    def repeatable(self) -> bool:
        """Whether the same packages give the same bytes: not where the image's own rpm, which is
        older, writes its database."""
        return OWN_RPM not in self.options

    @property
    def gives(self) -> Layer:
        """The layer of all installed packages, which is usually the first."""
        return Layer("packages")

    def run(self, work: Work) -> None:
        """Have the package manager install the packages into the root tree."""
        package_managers.find(self.manager).install(
            work,
            self.packages,
            documentation=self.documentation,
            languages=self.languages,
            seeds=self.seeds,
            options=dict(self.options),
        )
