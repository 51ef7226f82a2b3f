"""What an RPM image needs beyond what the recipe names, to start and for its settings.

Facts: what Anaconda adds by itself (its payload and boot loader modules); the package lists of
the distributions' own cloud images.
"""

from appliance.errors import RecipeError
from appliance.recipe.model import Recipe
from appliance.recipe.settings import Settings

TOOLS = {
    "ext2": "e2fsprogs",
    "ext3": "e2fsprogs",
    "ext4": "e2fsprogs",
    "vfat": "dosfstools",
    "efi": "dosfstools",
    "xfs": "xfsprogs",
    "btrfs": "btrfs-progs",
}  # filesystem: what checks it when the image starts
BOOT = {
    ("x86_64", "bios"): ("grub2-pc",),
    ("x86_64", "uefi"): ("grub2-efi-x64", "shim-x64"),
    ("aarch64", "uefi"): ("grub2-efi-aa64", "grub2-tools", "shim-aa64"),
}  # what a firmware starts
ALSO = {
    "bios": ("grub2-tools", "grub2-tools-minimal", "grubby"),
    "uefi": ("efibootmgr", "grub2-tools", "grub2-tools-extra", "grubby"),
}  # what the running system looks after its boot loader with
KERNEL = "kernel"
NOT_KERNELS = (
    "kernel-headers", "kernel-devel", "kernel-doc", "kernel-tools", "kernel-tools-libs",
    "kernel-srpm-macros", "kernel-rpm-macros", "kernel-modules-extra", "kernel-abi-stablelists",
)  # fmt: skip
PLAIN = ("C", "POSIX", "C.UTF-8", "C.utf8", "")  # locales that every C library has
UTC = ("", "UTC", "Etc/UTC", "Etc/UCT", "UCT")
PLAIN_KEYMAPS = ("", "us")


def needed(recipe: Recipe, architecture: str) -> tuple[str, ...]:
    """List, in order of names, what must be there; nothing that the recipe excludes.

    Raises RecipeError if nothing of the recipe's disk can start an *architecture*.
    """
    names = {TOOLS[item.filesystem] for item in recipe.volumes if item.filesystem in TOOLS}
    names |= _for_settings(recipe.settings)
    if recipe.boot_loader.enabled:
        kinds = firmware(recipe, architecture)
        names |= {"dracut-config-generic"}
        names |= {name for kind in kinds for name in BOOT[architecture, kind]}
        names |= set() if _names_a_kernel(recipe) else {KERNEL}
    return tuple(sorted(names - _excluded(recipe)))


def welcome(recipe: Recipe, architecture: str) -> tuple[str, ...]:
    """List, in order of names, what is added where the repositories have it."""
    names: set[str] = set()
    if recipe.boot_loader.enabled:
        names |= {name for kind in firmware(recipe, architecture) for name in ALSO[kind]}
    if recipe.settings.language not in PLAIN:
        code = recipe.settings.language.partition("_")[0].partition(".")[0]
        names |= {f"glibc-langpack-{code}", f"langpacks-{code}"}
    return tuple(sorted(names - _excluded(recipe) - set(needed(recipe, architecture))))


def firmware(recipe: Recipe, architecture: str) -> tuple[str, ...]:
    """Which firmware of an *architecture* the recipe's partitions can be started by.

    Raises RecipeError if there is none, as on a machine of a kind that is not known here.
    """
    held = {volume.filesystem for volume in recipe.volumes}
    asked = {
        "bios": recipe.table == "dos" or "biosboot" in held,
        "uefi": "efi" in held,
    }
    kinds = tuple(kind for kind, wanted in asked.items() if wanted and (architecture, kind) in BOOT)
    known = sorted({name for name, _ in BOOT})
    if not kinds and architecture not in known:
        raise RecipeError(
            f"no boot loader is known for {architecture}",
            hint=f"bootloader --disabled; known are {', '.join(known)}",
        )
    if not kinds and architecture != "x86_64":
        raise RecipeError(
            f"nothing could start this disk on {architecture}: it has no EFI system partition",
            where=recipe.volumes[0].where if recipe.volumes else None,
            hint="part /boot/efi --fstype=efi --size=64",
        )
    return kinds


def _names_a_kernel(recipe: Recipe) -> bool:
    """True if the author names a kernel of any kind."""
    names = {wanted.name.rpartition(".")[0] or wanted.name for wanted in recipe.packages.names}
    names |= {wanted.name for wanted in recipe.packages.names}
    return any(name.startswith(KERNEL) and name not in NOT_KERNELS for name in names)


def _for_settings(settings: Settings) -> set[str]:
    """The packages without which *settings* could not be honoured."""
    names = set()
    if settings.timezone not in UTC:
        names.add("tzdata")
    if settings.keymap not in PLAIN_KEYMAPS:
        names.add("kbd")
    if any(item.device or item.method != "dhcp" for item in settings.interfaces):
        names.add("NetworkManager")
    return names


def _excluded(recipe: Recipe) -> set[str]:
    return {wanted.name for wanted in recipe.packages.excluded}
