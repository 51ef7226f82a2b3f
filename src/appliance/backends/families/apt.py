"""The apt families: what is the same in Debian, Ubuntu, Kali and those that follow them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from appliance.backends.families import apt_packages
from appliance.backends.families.apt_addresses import installed_sources, official_stanzas
from appliance.backends.families.apt_release import AptMachine, AptRelease
from appliance.backends.families.apt_sources import SystemSources
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell import certificates
from appliance.backends.families.shell import debian as shell
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.debian_boot import boot_scripts
from appliance.errors import RecipeError
from appliance.layout.complete import StorageDefaults
from appliance.layout.fstab import crypttab, fstab
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe

STORAGE = StorageDefaults("debian")
OPENED_EARLY = ",initramfs,x-initrd.attach"  # for cryptsetup-initramfs, and for systemd


def drives_everything(packages: Iterable[str]) -> tuple[str, ...]:
    """What the kernels among *packages* have no driver for, where nobody knows of any."""
    return ()


@dataclass(frozen=True)
class AptFamily:
    """One family, as data.

    A known repository (`debian-trixie`) stands for all archives of its *machines*' kind, each with
    these *components*. *origins* are what its Release files say as their Origin; *keyring* is where
    its keys are, on this host and in its images, *keyring_package* what brings them to either.
    *kernels* are globs of package names by which an author chooses a kernel; *lacking* says which
    hardware the kernels among some packages do not drive. *vmware_systems* are VMware's words for
    it, the newest first, each at most as new as its oldest release.
    """

    name: str
    title: str
    releases: tuple[AptRelease, ...]
    machines: Mapping[str, AptMachine] = field(hash=False)
    origins: tuple[str, ...]
    keyring: str
    keyring_package: str
    components: tuple[str, ...] = ("main",)
    kernels: tuple[str, ...] = ("linux-image*",)
    lacking: Callable[[Iterable[str]], tuple[str, ...]] = drives_everything
    vmware_systems: tuple[str, ...] = ()
    package_manager: str = "apt"
    plain_grub_menu: bool = True
    selinux_arguments: tuple[str, ...] = ("security=selinux", "selinux=1")  # else: AppArmor
    storage: StorageDefaults = STORAGE
    boot_loaders: Mapping[str, str] = field(
        default_factory=lambda: {"bios": "bios", "uefi": "uefi"}, hash=False
    )

    def machine(self, architecture: str) -> AptMachine:
        """What the family has for an *architecture*, as the kernel names it. Raises RecipeError if
        it has nothing."""
        if architecture not in self.machines:
            raise RecipeError(
                f"no packages of {self.title} are known for {architecture}",
                hint=" or ".join(f"--arch {name}" for name in self.machines),
            )
        return self.machines[architecture]

    def official(self, architecture: str) -> str:
        """The root of the family's own archive, for hints."""
        return self.machine(architecture).archives[0].url

    def release(self, name: str) -> AptRelease | None:
        """The release that people call *name*; None if nothing is known of it."""
        return next((known for known in self.releases if name in known.words), None)

    def release_of_suite(self, suite: str) -> str:
        """Name the known release that *suite* is or belongs to (trixie, trixie-backports); empty
        if there is none."""
        main = next(iter(self.machines.values())).archives[0]  # called alike for all machines
        for known in self.releases:
            name = main.suite_of(known.codename)
            if suite == name or suite.startswith((f"{name}-", f"{name}/")):
                return known.codename
        return ""

    def generic_kernel(self, architecture: str) -> str:
        """See Family.generic_kernel."""
        return self.machines[architecture].generic_kernel if architecture in self.machines else ""

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """See Family.needed_packages. Raises RecipeError if nothing could start it."""
        machine = self.machine(architecture)
        return apt_packages.needed(
            recipe, storage, machine=machine, kernels=self.kernels, architecture=architecture
        )

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """What the kernel's own scripts read, and certificates."""
        return (*shell.SEEDS, *certificates.seeds(recipe.settings))

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """Nothing: dpkg is the image's own."""
        return ()

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
        machine = self.machine(architecture)
        known = any(repository.known for repository in recipe.repositories)
        sources = SystemSources(
            file=f"{self.name}.sources",
            official=(
                official_stanzas(machine.archives, release, self.components, self.keyring)
                if known
                else ""  # then nobody said what to write
            ),
            installed=installed_sources(recipe, self.keyring),
        )
        scripts = {
            "settings": shell.settings_script(
                recipe.name,
                recipe.settings,
                fstab=fstab(storage),
                crypttab=crypttab(storage, attach=OPENED_EARLY),
                sources=sources,
            )
        }
        if boot:
            if boot.installed:
                apt_packages.of_boot_loader(recipe.boot_loader, machine)
            scripts |= boot_scripts(boot, apt_packages.modules(storage))
        scripts["accounts"] = accounts_script(recipe.settings)
        return scripts

    def finish_script(self, recipe: Recipe) -> str:
        """See Family.finish_script."""
        return shell.finish_script(recipe.source)

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """See Family.lacks."""
        return self.lacking(packages)
