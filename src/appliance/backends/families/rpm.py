"""The RPM families: what is the same in Fedora, CentOS, RHEL and those that follow them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from appliance.backends.families.marks import Marks
from appliance.backends.families.model import BootSetup, Need
from appliance.backends.families.rpm_packages import for_settings, needed, welcome
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease
from appliance.backends.families.shell import certificates, grub_defaults
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.rpm import (
    finish_script,
    settings_script,
)
from appliance.backends.families.shell.rpm_boot import SEEDS, boot_scripts, script_programs
from appliance.backends.package_managers.model import OWN_RPM
from appliance.layout.complete import StorageDefaults
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe

OLD_DATABASE = "var/lib/rpm"
STORAGE = StorageDefaults(
    "rhel", filesystem="xfs", boot_filesystem="xfs", scheme="lvm", swap=True
)  # of RHEL and all that follow it


@dataclass(frozen=True)
class RpmFamily:
    """A distribution family that is installed by dnf and rpm, as data.

    *name*: the family's name, as it stands in front of its known repositories: fedora.
    *title*: the family's name for people.
    *releases*: the releases known by name, oldest first.
    *words*: what in a repository's address says that it is of this family.
    *mirror*: the root of the family's own mirror, which hints name.
    *marks*: what shows whose distribution it is.
    *servers*: a regular expression for the servers whose packages are signed with the family's
        keys.
    *moved*: the first release that has rpm's database in /usr.
    *sqlite*: the first release whose rpm reads the database that rpm makes today.
    *package_manager*: which of backends/package_managers installs the packages.
    *storage*: what a recipe gets that leaves its storage open.
    *selinux_arguments*: the kernel arguments without which no SELinux policy is loaded.
    *vmware_systems*: the vSphere API's names for the family, the newest first, each at most as new
        as the family's oldest release.
    *plain_grub_menu*: True if grub.cfg itself names the kernels; False if it reads the entries of
        the Boot Loader Specification.
    *boot_loaders*: which of backends/boot_loaders makes the program that a firmware starts; that of
        a firmware that is not among these is in the tree.
    """

    name: str
    title: str
    releases: tuple[RpmRelease, ...]
    words: tuple[str, ...]
    mirror: str
    marks: Marks
    servers: str = ""
    moved: int = 10
    sqlite: int = 9
    package_manager: str = "dnf"
    storage: StorageDefaults = STORAGE
    selinux_arguments: tuple[str, ...] = ()
    vmware_systems: tuple[str, ...] = ()
    plain_grub_menu: bool = False
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios-in-tree"}, hash=False
    )

    def release(self, name: str) -> RpmRelease:
        """Return the release called *name*, by codename or number; for an unknown name one without
        repositories and keys."""
        for known in self.releases:
            if name in (known.codename, known.version):
                return known
        number = int(name) if name.isdecimal() else self.moved
        return RpmRelease(
            name,
            name,
            database=self.releases[-1].database if number >= self.moved else OLD_DATABASE,
            own_database=number < self.sqlite,
        )

    def repositories(self) -> tuple[KnownRepository, ...]:
        """Return the repositories that any of its known releases is made of."""
        return tuple(one for known in self.releases for one in known.repositories)

    def generic_kernel(self, architecture: str) -> str:
        """Return an empty name: no other kernel of the family is known to have more drivers."""
        return ""

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what the image needs, beyond what the recipe names, to start and for its settings.

        The build fails if the repositories lack one of these. Raises RecipeError if an image for
        *architecture* cannot be made to start.
        """
        return needed(recipe, storage, architecture=architecture)

    def welcome_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what Anaconda would add too; a package that the repositories lack is left out."""
        return welcome(recipe, storage, architecture=architecture)

    def packages_of_settings(self, recipe: Recipe) -> tuple[Need, ...]:
        """List the packages that the settings of *recipe* need, excluded or not."""
        return for_settings(recipe)

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """Return a machine id that is the same in each build, since systemd's own script would make
        a random one, and the recipe's certificates."""
        return (*SEEDS, *certificates.seeds(recipe.settings))

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """Return where rpm's database is in the image, and the release's $releasever."""
        known = self.release(release)
        own = (OWN_RPM,) if known.own_database else ()
        return (("database", known.database), ("release", known.version), *own)

    def untested(self, release: str) -> str:
        """Say that a *release* is not among those that are known; empty if it is, or if nobody
        named one."""
        numbers = [known.version for known in self.releases]
        if not release or self.release(release) in self.releases:
            return ""
        return (
            f"{self.title} {release} is not tested here ({', '.join(numbers)} are): what its "
            "programs read may differ"
        )

    def scripts(
        self,
        recipe: Recipe,
        release: str,
        *,
        architecture: str,
        storage: Storage,
        boot: BootSetup | None,
    ) -> Mapping[str, str]:
        """Return the shell scripts that configure the system, by the names of their layers.

        Accounts come last, since people change these often.
        """
        scripts = {"settings": settings_script(recipe, storage)}
        if boot:
            scripts |= boot_scripts(storage, boot)
        scripts["accounts"] = accounts_script(recipe.settings)
        return scripts

    def script_programs(self, boot: BootSetup | None) -> Mapping[str, str]:
        """Return the programs that make grub.cfg of /etc/default/grub."""
        return script_programs(boot)

    def finish_script(self, recipe: Recipe, boot: BootSetup | None) -> str:
        """Return the shell that runs last: grub.cfg follows what the scripts have said in
        /etc/default/grub, and what belongs to the build is removed."""
        again = grub_defaults.again(script_programs(boot))
        return again + finish_script(recipe.source)

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """Return nothing: which drivers these kernels lack is not known."""
        return ()
