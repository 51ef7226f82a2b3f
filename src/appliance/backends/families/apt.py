"""The apt families: what is the same in Debian, Ubuntu, Kali and those that follow them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from appliance.backends.families import apt_packages
from appliance.backends.families.apt_addresses import installed_sources, official_stanzas
from appliance.backends.families.apt_release import AptMachine, AptRelease
from appliance.backends.families.apt_sources import SystemSources
from appliance.backends.families.marks import Marks
from appliance.backends.families.model import BootSetup, Need
from appliance.backends.families.shell import certificates, grub_defaults
from appliance.backends.families.shell import debian as shell
from appliance.backends.families.shell.accounts import accounts_script
from appliance.backends.families.shell.debian_boot import boot_scripts, script_programs
from appliance.errors import RecipeError
from appliance.layout.complete import StorageDefaults
from appliance.layout.fstab import crypttab, fstab
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe

STORAGE = StorageDefaults("debian")
OPENED_EARLY = ",initramfs,x-initrd.attach"  # for cryptsetup-initramfs, and for systemd


def drives_everything(packages: Iterable[str]) -> tuple[str, ...]:
    """Return nothing: no lack of drivers is known of this family's kernels, whatever the
    *packages*."""
    return ()


@dataclass(frozen=True)
class AptFamily:
    """A distribution family that is installed by apt and dpkg, as data.

    *name*: the family's name, as it stands in front of its known repositories: debian.
    *title*: the family's name for people: Debian.
    *releases*: the releases known by name, oldest first.
    *machines*: what the family has for each architecture, by the kernel's name for that; a known
        repository (`debian-trixie`) stands for all archives of one of these.
    *origins*: what the family's Release files may say as their Origin.
    *keyring*: the path of the file with the archive's keys, on this host and in images.
    *keyring_package*: the package that brings the keyring to a host or an image.
    *marks*: what shows whose distribution it is.
    *components*: the components that are used of each archive.
    *kernels*: globs of package names by which an author chooses a kernel.
    *lacking*: returns the disk buses and network cards that no kernel among some packages drives.
    *vmware_systems*: the vSphere API's names for the family, the newest first, each at most as new
        as the family's oldest release.
    *package_manager*: which of backends/package_managers installs the packages.
    *plain_grub_menu*: True if grub.cfg itself names the kernels.
    *selinux_arguments*: the kernel arguments without which no SELinux policy is loaded.
    *storage*: what a recipe gets that leaves its storage open.
    *boot_loaders*: which of backends/boot_loaders makes the program that a firmware starts.
    """

    name: str
    title: str
    releases: tuple[AptRelease, ...]
    machines: Mapping[str, AptMachine] = field(hash=False)
    origins: tuple[str, ...]
    keyring: str
    keyring_package: str
    marks: Marks
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
        """Return what the family has for an *architecture*, as the kernel names it.

        Raises RecipeError if the family has nothing for it.
        """
        if architecture not in self.machines:
            raise RecipeError(
                f"no packages of {self.title} are known for {architecture}",
                hint=" or ".join(f"--arch {name}" for name in self.machines),
            )
        return self.machines[architecture]

    def official(self, architecture: str) -> str:
        """Return the root of the family's own archive, which hints name."""
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
        """Return the package of the kernel with all drivers; empty for an unknown
        *architecture*."""
        return self.machines[architecture].generic_kernel if architecture in self.machines else ""

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what the image needs, beyond what the recipe names, to start and for its settings.

        Raises RecipeError if the family has nothing for *architecture*, or lacks the boot loader.
        """
        machine = self.machine(architecture)
        return apt_packages.needed(
            recipe, storage, machine=machine, kernels=self.kernels, architecture=architecture
        )

    def packages_of_settings(self, recipe: Recipe) -> tuple[Need, ...]:
        """List the packages that the settings of *recipe* need, excluded or not."""
        return apt_packages.for_settings(recipe)

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """Return the settings that the scripts of kernel packages read, and the recipe's
        certificates."""
        return (*shell.SEEDS, *certificates.seeds(recipe.settings))

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """Return nothing: an image is installed by its own dpkg, which needs no options."""
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
        """Return the shell scripts that configure the system, by the names of their layers.

        Accounts come last, since people change these often. Raises RecipeError if the family has no
        packages for the boot loader that the recipe asks for.
        """
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

    def script_programs(self, boot: BootSetup | None) -> Mapping[str, str]:
        """Return the programs that make grub.cfg of /etc/default/grub."""
        return script_programs(boot)

    def finish_script(self, recipe: Recipe, boot: BootSetup | None) -> str:
        """Return the shell that runs last: grub.cfg follows what the scripts have said in
        /etc/default/grub, and what belongs to the build is removed."""
        again = grub_defaults.again(script_programs(boot))
        return again + shell.finish_script(recipe.source)

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """Return the disk buses and network cards that no kernel among *packages* has a driver
        for."""
        return self.lacking(packages)
