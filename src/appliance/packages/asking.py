"""How a package manager is asked what a recipe comes to: the question, and the answer."""

from dataclasses import dataclass
from typing import Protocol

from appliance.backends.families import Family
from appliance.backends.families.question import Question
from appliance.backends.families.told import Told
from appliance.backends.package_managers.model import LockedPackage, LockedRepository
from appliance.events import Emit
from appliance.host.download import RemoteAccess
from appliance.packages.package_files import Kind
from appliance.store.results import Store

FRESH = 3600  # seconds for which a repository's metadata is taken as current


@dataclass(frozen=True)
class Selection:
    """The packages to install and the repositories that they come from."""

    repositories: tuple[LockedRepository, ...]
    packages: tuple[LockedPackage, ...]


class Ask(Protocol):
    """One package manager with one question; where packages come from is settled."""

    @property
    def question(self) -> Question:
        """The recipe that is resolved, with the options and the machine for which it is."""

    @property
    def family(self) -> Family:
        """The distribution family that the recipe's repositories belong to."""

    @property
    def release(self) -> str:
        """The release of the family: a codename or a number."""

    def accesses(self) -> dict[str, RemoteAccess]:
        """How to reach the files of each repository, by its name."""

    def files(self, store: Store, emit: Emit) -> Kind:
        """Say how this package manager's files are kept and checked; may fetch keys."""

    def unverified(self) -> tuple[str, ...]:
        """Name the repositories whose packages nobody checks, because somebody allowed that."""

    def told(self, store: Store, emit: Emit) -> Told | None:
        """Say what the addresses and the repositories themselves tell of whose packages they have;
        None if they tell nothing. Raises SourceError for a distribution that is not made here."""

    def words(self) -> tuple[str, ...]:
        """Say in words that a lock may keep what the question says about repositories: addresses
        differ from one mirror to another, so they are not among them."""

    def ask(self, store: Store, emit: Emit) -> Selection:
        """Choose packages.

        Raises RecipeError for packages that do not exist or exclude each other, SourceError for
        repositories that are unsigned, wrongly signed or out of reach.
        """
