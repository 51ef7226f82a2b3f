"""What an RPM image needs beyond what the recipe names, to start and for its settings.

Facts: what Anaconda adds by itself (its payload and boot loader modules); the package lists of
the distributions' own cloud images.
"""

from fnmatch import fnmatchcase

from appliance.backends.families.model import Need
from appliance.backends.families.shell import certificates, network_manager
from appliance.backends.families.shell.certificates import ANCHOR
from appliance.errors import RecipeError
from appliance.filesystem_facts import FILESYSTEMS
from appliance.layout.contents import contents, kinds
from appliance.layout.firmware import firmware
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BootSettings

TOOLS = {
    **{row.name: row.rpm_package for row in FILESYSTEMS.values() if row.rpm_package},
    "lvm": "lvm2",
    "luks": "cryptsetup",
}  # filesystem: what checks it when the image starts; and what opens that which holds others
BOOT = {
    ("x86_64", "bios", "grub"): ("grub2-pc",),
    ("x86_64", "uefi", "grub"): ("grub2-efi-x64", "shim-x64"),
    ("aarch64", "uefi", "grub"): ("grub2-efi-aa64", "grub2-tools", "shim-aa64"),
    ("x86_64", "uefi", "systemd-boot"): ("systemd-boot", "systemd-udev"),
    ("aarch64", "uefi", "systemd-boot"): ("systemd-boot", "systemd-udev"),
    ("x86_64", "bios", "extlinux"): ("syslinux-extlinux",),
    ("aarch64", "u-boot", "extlinux"): ("extlinux-bootloader",),
}  # what a firmware of a machine starts
ALSO = {
    ("bios", "grub"): ("grub2-tools", "grub2-tools-minimal", "grubby"),
    ("uefi", "grub"): ("efibootmgr", "grub2-tools", "grub2-tools-extra", "grubby"),
    ("uefi", "systemd-boot"): ("efibootmgr", "sdubby"),
    ("bios", "extlinux"): ("grubby-deprecated",),
    ("u-boot", "extlinux"): ("grubby-deprecated",),
}  # what the running system looks after its boot loader with
KERNEL = "kernel"
NOT_KERNELS = (
    "kernel-headers", "kernel-devel", "kernel-doc", "kernel-tools", "kernel-tools-libs",
    "kernel-srpm-macros", "kernel-rpm-macros", "kernel-modules-extra", "kernel-abi-stablelists",
)  # fmt: skip
PLAIN = ("C", "POSIX", "C.UTF-8", "C.utf8", "")  # locales that every C library has
UTC = ("", "UTC", "Etc/UTC", "Etc/UCT", "UCT")
PLAIN_KEYMAPS = ("", "us")


def needed(recipe: Recipe, storage: Storage, *, architecture: str) -> tuple[str, ...]:
    """List, in order of names, what must be there; nothing that the recipe excludes.

    Raises RecipeError if nothing of the recipe's disk can start an *architecture*.
    """
    names = {TOOLS[kind] for kind in kinds(contents(storage)) if kind in TOOLS}
    names |= {need.package for need in for_settings(recipe)}
    if recipe.boot_loader.enabled:
        names |= _boot_loader(recipe.boot_loader, storage, architecture)
    if recipe.boot_loader.enabled and recipe.boot_loader.installed:
        names |= {"dracut-config-generic"}
        names |= set() if _names_a_kernel(recipe) else {KERNEL}
    return _wanted(names, recipe)


def welcome(recipe: Recipe, storage: Storage, *, architecture: str) -> tuple[str, ...]:
    """List, in order of names, what is added where the repositories have it."""
    names: set[str] = set()
    loader = recipe.boot_loader
    if loader.enabled:
        started = firmware(loader, storage, architecture=architecture)
        names |= {name for kind in started for name in ALSO[kind, loader.kind]}
        names |= {"firewalld"} if recipe.settings.firewall else set()  # disabled or not
    for language in (recipe.settings.language, *recipe.settings.more_languages):
        if language not in PLAIN:
            code = language.partition("_")[0].partition(".")[0]
            names |= {f"glibc-langpack-{code}", f"langpacks-{code}"}
    return _wanted(names - set(needed(recipe, storage, architecture=architecture)), recipe)


def _boot_loader(asked: BootSettings, storage: Storage, architecture: str) -> set[str]:
    """The packages of what the firmware of an *architecture* starts. Raises RecipeError."""
    loader = asked.kind
    known = sorted({machine for machine, _, name in BOOT if name == loader})
    if architecture not in known:
        raise RecipeError(
            f"no boot loader is known for {architecture}",
            hint=f"bootloader --disabled; known are {', '.join(known)}",
        )
    kinds = firmware(asked, storage, architecture=architecture)
    return {name for kind in kinds for name in BOOT[architecture, kind, loader]}


def _names_a_kernel(recipe: Recipe) -> bool:
    """True if the author names a kernel of any kind."""
    names = {wanted.name.rpartition(".")[0] or wanted.name for wanted in recipe.packages.names}
    names |= {wanted.name for wanted in recipe.packages.names}
    return any(name.startswith(KERNEL) and name not in NOT_KERNELS for name in names)


def for_settings(recipe: Recipe) -> tuple[Need, ...]:
    """List the packages without which the settings of *recipe* could not be honoured."""
    settings = recipe.settings
    needs = [Need(name, ANCHOR) for name in certificates.needed_packages(settings)]
    if settings.timezone not in UTC:
        needs.append(Need("tzdata", f"timezone {settings.timezone}"))
    if settings.firewall and settings.firewall.enabled:
        needs.append(Need("firewalld", "firewall --enabled"))
    if settings.time_servers and settings.time_synced:
        needs.append(Need("chrony", "timesource", always=False))
    if settings.authselect:
        needs.append(Need("authselect", "authselect", always=False))
    if settings.keymap not in PLAIN_KEYMAPS:
        needs.append(Need("kbd", f"keyboard {settings.keymap}", always=False))
    other = any(wanted.name == "systemd-networkd" for wanted in recipe.packages.names)
    if network_manager.profiles("", settings.interfaces) and not other:
        needs.append(Need("NetworkManager", "network", always=False))
    return tuple(needs)


def _wanted(names: set[str], recipe: Recipe) -> tuple[str, ...]:
    """Return those of *names*, in order, that the recipe does not exclude, by name or by glob.

    As for Anaconda, no glob is about the kernel: `-kernel*` leaves out its relatives.
    """
    excluded = [wanted.name for wanted in recipe.packages.excluded]
    return tuple(
        sorted(
            name
            for name in names - set(excluded)
            if name == KERNEL or not any(fnmatchcase(name, glob) for glob in excluded)
        )
    )
