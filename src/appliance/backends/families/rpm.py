"""The RPM families: what is the same in Fedora, CentOS, RHEL and those that follow them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from appliance.backends.families.model import BootSetup
from appliance.backends.families.rpm_packages import needed, welcome
from appliance.backends.families.rpm_release import RpmRelease
from appliance.backends.families.rpm_repositories import Terms, sources
from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.families.shell import certificates
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.rpm import (
    finish_script,
    settings_script,
)
from appliance.backends.families.shell.rpm_boot import SEEDS, boot_scripts
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.layout.complete import StorageDefaults
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe

STORAGE = StorageDefaults(
    "rhel", filesystem="xfs", boot_filesystem="xfs", scheme="lvm", swap=True
)  # of RHEL and all that follow it


@dataclass(frozen=True)
class RpmFamily:
    """One family, as data.

    A known repository (`fedora-44`) stands for all that its release is made of. *words* in an
    address say that it is of this family; *servers* (a regular expression) are those whose
    packages are signed with the family's keys; *mirror* is the root of its own mirror, for hints.
    """

    name: str
    title: str
    releases: tuple[RpmRelease, ...]
    words: tuple[str, ...]
    mirror: str
    servers: str = ""
    package_manager: str = "dnf"
    storage: StorageDefaults = STORAGE
    selinux_arguments: tuple[str, ...] = ()
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios-in-tree"}, hash=False
    )

    def release_of(self, url: str) -> str:
        """Nothing in a repository's URL says its release for certain."""
        return ""

    def release(self, name: str) -> RpmRelease:
        """The release called *name*, by codename or number; one without data if none is known."""
        for known in self.releases:
            if name in (known.codename, known.version):
                return known
        newest = self.releases[-1].database
        return RpmRelease(name, name, database=newest)

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """See Family.needed_packages; the build fails if the repositories lack one.

        Raises RequestError if an image for *architecture* cannot be made to start.
        """
        return needed(recipe, storage, architecture=architecture)

    def welcome_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what Anaconda would add too, and what is left out if the repositories lack it."""
        return welcome(recipe, storage, architecture=architecture)

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """A machine id that is the same in each build, as systemd's own script would roll dice; and
        certificates."""
        return (*SEEDS, *certificates.seeds(recipe.settings))

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """Where rpm's database is in the image, and its $releasever."""
        known = self.release(release)
        return (("database", known.database), ("release", known.version))

    def sources(  # noqa: PLR0913 - each is a word of the command line
        self,
        recipe: Recipe,
        release: str,
        *,
        architecture: str,
        mirror: str = "",
        keyring: str = "",
        sections: Sequence[RepoSection] = (),
        unchecked: frozenset[str] = frozenset(),
        lenient: bool = False,
        find_key: Callable[[str], str] = lambda name: "",
        variables: Sequence[tuple[str, str]] = (),
    ) -> tuple[RpmSource, ...]:
        """Say where the packages come from: the recipe's repositories in its order, then the
        *sections* of .repo files.

        *release* is a codename, a number, or empty if nobody said one. *mirror* is the root of a
        mirror: known repositories are taken from there. A repository's keys are those that its
        .repo file names, else *keyring*, else the family's: *find_key* says where this host
        has a file of distribution-gpg-keys (empty: nowhere). A repository without keys is
        refused, unless *unchecked* names it or *lenient* allows all: then `checked` is False.
        *variables* (name, value) stand as $name in addresses, besides those of the release.

        Raises RecipeError for names used twice, RequestError for an impossible *mirror*, a
        variable without a value or an *unchecked* name that nobody has, SourceError for a
        repository without a key or without the certificate that its server wants.
        """
        terms = Terms(
            architecture=architecture,
            mirror=mirror,
            keyring=keyring,
            unchecked=unchecked,
            lenient=lenient,
            find_key=find_key,
            example=self.mirror,
            variables=tuple(variables),
            servers=self.servers,
            family_keys=tuple(key for known in self.releases for key in known.keys),
        )
        return sources(recipe, self.release(release), sections, terms)

    def scripts(
        self, recipe: Recipe, release: str, *, storage: Storage, boot: BootSetup | None
    ) -> Mapping[str, str]:
        """See Family.scripts: accounts come last, since people change these often."""
        scripts = {"settings": settings_script(recipe, storage)}
        if boot:
            scripts |= boot_scripts(storage, boot)
        scripts["accounts"] = accounts_script(recipe.settings)
        return scripts

    def finish_script(self, recipe: Recipe) -> str:
        """See Family.finish_script."""
        return finish_script(recipe.source)

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """See Family.lacks; of these kernels it is not known."""
        return ()
