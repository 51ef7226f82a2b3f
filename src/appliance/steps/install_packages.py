"""Install the locked packages into a tree that is empty, or nearly."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import package_managers
from appliance.backends.package_managers.model import LockedPackage
from appliance.work import Work
from appliance.work.results import Layer


@dataclass(frozen=True)
class InstallPackages:
    """*languages* None: all; *seeds* are files to be there before the first script runs, as
    (path, text); *options* are the manager's own; *tools* are the host's programs that shape the
    result, with their versions; *after* are layers below."""

    version: ClassVar[int] = 3
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
        """What was in the root before; package files are in the store, under their digests."""
        return self.after

    @property
    def gives(self) -> Layer:
        """A layer, usually the first."""
        return Layer("packages")

    def run(self, work: Work) -> None:
        """Hand over to the package manager."""
        package_managers.find(self.manager).install(
            work,
            self.packages,
            documentation=self.documentation,
            languages=self.languages,
            seeds=self.seeds,
            options=dict(self.options),
        )
