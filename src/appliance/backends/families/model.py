"""What a distribution family must be able to say."""

from dataclasses import dataclass
from typing import Protocol

from appliance.backends.families.apt_sources import AptSource, HostSource
from appliance.recipe.model import Recipe


@dataclass(frozen=True)
class Release:
    """One release of a family, by the name and the number that people use for it."""

    codename: str
    version: str


class Family(Protocol):
    """A distribution family: what its releases are called and what its images need."""

    @property
    def name(self) -> str:
        """The family's name, as it stands in front of its repositories' names."""

    @property
    def origin(self) -> str:
        """What the family's Release files say of whose they are."""

    @property
    def architecture(self) -> str:
        """What the family calls 64-bit PCs."""

    @property
    def releases(self) -> tuple[Release, ...]:
        """The releases known by name, oldest first."""

    @property
    def keyring(self) -> str:
        """Where *keyring_package* puts the family's keys on a host."""

    @property
    def keyring_package(self) -> str:
        """The package that brings the keys."""

    @property
    def initramfs_modules(self) -> tuple[str, ...]:
        """The drivers of virtual hardware; an initramfs takes those that its kernel has."""

    def release_of(self, url: str) -> str:
        """Name the release of a repository by its URL; empty if it is not of this family's kind."""

    def boot_packages(self, recipe: Recipe) -> tuple[str, ...]:
        """List what the image of *recipe* needs to start, beyond what the recipe names."""

    def sources(
        self,
        recipe: Recipe,
        release: str,
        *,
        mirror: str,
        host_sources: tuple[HostSource, ...],
        keyring: str,
    ) -> tuple[AptSource, ...]:
        """Say where the packages of *recipe* come from; see the family for its rules."""

    def official_sources(self, recipe: Recipe, release: str) -> str:
        """Write the file by which the running system takes updates from the family's own servers;
        empty if *recipe* names no known repository."""
