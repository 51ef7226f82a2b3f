"""The RPM families: what is the same in Fedora, CentOS, RHEL and those that follow them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from appliance.backends.families.model import BootSetup
from appliance.backends.families.rpm_packages import needed, welcome
from appliance.backends.families.rpm_release import RpmRelease
from appliance.backends.families.shell import certificates
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.rpm import (
    finish_script,
    settings_script,
)
from appliance.backends.families.shell.rpm_boot import SEEDS, boot_scripts
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
    *vmware_systems* and *plain_grub_menu* are as in Family.
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
    vmware_systems: tuple[str, ...] = ()
    plain_grub_menu: bool = False
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios-in-tree"}, hash=False
    )

    def release(self, name: str) -> RpmRelease:
        """The release called *name*, by codename or number; one without data if none is known."""
        for known in self.releases:
            if name in (known.codename, known.version):
                return known
        newest = self.releases[-1].database
        return RpmRelease(name, name, database=newest)

    def generic_kernel(self, architecture: str) -> str:
        """See Family.generic_kernel."""
        return ""

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

    def scripts(
        self,
        recipe: Recipe,
        release: str,
        *,
        architecture: str,
        storage: Storage,
        boot: BootSetup | None,
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
