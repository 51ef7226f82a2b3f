"""The RPM families: what is the same in Fedora, CentOS, RHEL and those that follow them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.backends.families.model import Boot, Release
from appliance.recipe.model import Recipe


@dataclass(frozen=True)
class RpmRelease(Release):
    """*database* is where the release's own rpm keeps its database."""

    database: str = "usr/lib/sysimage/rpm"


@dataclass(frozen=True)
class KnownRepository:
    """One repository that a family is made of; $releasever and $basearch stand for themselves.

    Exactly one of *url*, *metalink* and *mirrorlist*. *keys* are names of files below
    distribution-gpg-keys' `keys` directory, $releasever in them too.
    """

    name: str
    url: str = ""
    metalink: str = ""
    mirrorlist: str = ""
    keys: tuple[str, ...] = ()
    signed_metadata: bool = False


@dataclass(frozen=True)
class RpmFamily:
    """One family, as data."""

    name: str
    title: str
    releases: tuple[RpmRelease, ...]
    repositories: tuple[KnownRepository, ...]
    words: tuple[str, ...]
    package_manager: str = "dnf"
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios-in-tree"}, hash=False
    )

    def release_of(self, url: str) -> str:
        """Nothing in a repository's URL says its release for certain."""
        return ""

    def needed_packages(self, recipe: Recipe, architecture: str) -> tuple[str, ...]:
        """See Family.needed_packages."""
        return ()

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """Nothing."""
        return ()

    def scripts(
        self, recipe: Recipe, release: str, *, fstab: str, boot: Boot | None
    ) -> Mapping[str, str]:
        """See Family.scripts."""
        return {}

    def finish_script(self, recipe: Recipe) -> str:
        """See Family.finish_script."""
        return ""
