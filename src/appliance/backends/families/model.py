"""What a distribution family must be able to say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.backends.boot_loaders.look import PLAIN_LOOK, MenuLook
from appliance.backends.families.marks import Marks
from appliance.layout.complete import StorageDefaults
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe


@dataclass(frozen=True)
class Release:
    """One release of a family, by the name and the number that people use for it."""

    codename: str
    version: str

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that people call it, the codename first."""
        return tuple(dict.fromkeys((self.codename, self.version)))


@dataclass(frozen=True)
class BootSetup:
    """How an image is to start.

    *firmware*: what may start it: bios, uefi or both.
    *root*: the kernel's root= argument.
    *arguments*: all other arguments of the kernel.
    *uuid*: the UUID of the filesystem that holds /boot.
    *path*: where /boot is in that filesystem: "/boot", or "" if it has a partition of its own.
    *table*: the kind of partition table: gpt or dos.
    *timeout*: how many seconds the menu waits.
    *loader*: the boot loader: grub, systemd-boot or extlinux.
    *installed*: False if the boot loader itself is left out, and only what it would start is made.
    *password*: a grub.pbkdf2 hash of the password that editing an entry asks for; empty if none is.
    *architecture*: the processor's, as the kernel names it.
    *in_mbr*: False if nothing is written into the first sector of the disk.
    *look*: how its menu looks.
    """

    firmware: tuple[str, ...]
    root: str
    arguments: str
    uuid: str
    path: str
    table: str
    timeout: int
    loader: str = "grub"
    installed: bool = True
    password: str = ""
    architecture: str = "x86_64"
    in_mbr: bool = True
    look: MenuLook = PLAIN_LOOK

    @property
    def command_line(self) -> str:
        """The kernel's whole command line."""
        return f"root={self.root} ro {self.arguments}".strip()


@dataclass(frozen=True)
class Need:
    """A package that a setting needs.

    *package*: the package's name.
    *setting*: what needs it, in the words of the kickstart.
    *always*: False if the setting does without where the package is left out.
    """

    package: str
    setting: str
    always: bool = True


class Family(Protocol):
    """A distribution family: what its releases are called and what its images need."""

    @property
    def name(self) -> str:
        """The family's name, as it stands in front of its repositories' names."""

    @property
    def package_manager(self) -> str:
        """Which of backends/package_managers installs its packages."""

    @property
    def releases(self) -> Sequence[Release]:
        """The releases known by name, oldest first."""

    @property
    def storage(self) -> StorageDefaults:
        """What a recipe gets that leaves its storage open: filesystems, scheme, swap."""

    @property
    def selinux_arguments(self) -> tuple[str, ...]:
        """What its kernels have to be told before they load a policy; nothing if they do so."""

    @property
    def boot_loaders(self) -> Mapping[str, str]:
        """Which of backends/boot_loaders makes the program that a firmware starts, by firmware; for
        a firmware that is not among these, that program is a file in the tree already."""

    @property
    def vmware_systems(self) -> tuple[str, ...]:
        """What its releases are called in the vSphere API, the newest first, and all of them at
        most as new as its oldest release: the kernel only gets newer."""

    @property
    def marks(self) -> Marks:
        """What shows whose distribution its systems are, and how another name takes its place."""

    @property
    def plain_grub_menu(self) -> bool:
        """True if its grub.cfg names the kernels, for programs that only read that; False if it
        names entries of the Boot Loader Specification."""

    def generic_kernel(self, architecture: str) -> str:
        """Return the package of a kernel that has the drivers which other kernels lack; empty if
        every kernel has all."""

    def needed_packages(
        self, recipe: Recipe, storage: Storage, *, architecture: str
    ) -> tuple[str, ...]:
        """List what the image of *recipe* needs beyond what the recipe names: to start on an
        *architecture* (as the kernel names it) from its *storage*, and for its settings."""

    def packages_of_settings(self, recipe: Recipe) -> tuple[Need, ...]:
        """List the packages that the settings of *recipe* need, excluded or not."""

    def seeds(self, recipe: Recipe) -> tuple[tuple[str, str], ...]:
        """The files, as (path, text), that are there before the first package's script runs."""

    def manager_options(self, release: str) -> tuple[tuple[str, str], ...]:
        """What the package manager must know of a release, as (name, value)."""

    def scripts(
        self,
        recipe: Recipe,
        release: str,
        *,
        architecture: str,
        storage: Storage,
        boot: BootSetup | None,
    ) -> Mapping[str, str]:
        """Return the shell scripts that make a configured system of the installed packages, in
        order, by the names of the layers that they give.

        With *boot* None the image is not to start by itself. Raises RecipeError if it cannot start
        as the recipe wants it to.
        """

    def script_programs(self, boot: BootSetup | None) -> Mapping[str, str]:
        """The programs, by name, that scripts of an image that starts like *boot* find instead of
        the image's, which could not work in a sandbox."""

    def finish_script(self, recipe: Recipe, boot: BootSetup | None) -> str:
        """The shell that runs last: it makes of what the author's scripts said what starts the
        image, like *boot*, and removes what belongs to the build."""

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """Which of the DISK_BUSES and NETWORK_CARDS of bundle/model.py no kernel among *packages*
        (names) has a driver for; empty where that is not known."""
