"""What an image of an apt family needs beyond what the recipe names, to start and for its
settings."""

from fnmatch import fnmatchcase

from appliance.backends.families.apt_release import AptMachine
from appliance.backends.families.model import Need
from appliance.backends.families.shell import certificates
from appliance.backends.families.shell import debian as shell
from appliance.backends.families.shell.certificates import ANCHOR
from appliance.errors import RecipeError
from appliance.filesystem_facts import EFI, FILESYSTEMS, USUAL
from appliance.layout.contents import contents, early, kinds, opens_late
from appliance.layout.growing import growth
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BootSettings

TOOLS = {
    **{row.name: row.deb_package for row in FILESYSTEMS.values() if row.deb_package},
    "lvm": "lvm2",
    "luks": "cryptsetup-initramfs",
}  # filesystem: what checks it when the image starts; and what opens that which holds others
TIME = ("chrony", "systemd-timesyncd")  # of these an image has one at most
GROWING = {"gpt": "systemd-repart", "dos": "fdisk"}  # what makes the last partition larger
MODULES = (
    *("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "virtio_mmio"),  # QEMU, most clouds
    *("nvme", "ahci", "ata_piix", "sd_mod", "sr_mod"),  # VirtualBox, Amazon, emulated hardware
    *("mptspi", "mptsas", "vmw_pvscsi", "vmxnet3"),  # VMware
    *("hv_vmbus", "hv_storvsc", "hv_netvsc", "pci_hyperv", "hyperv_keyboard"),  # Hyper-V, Azure
    *("xen_blkfront", "xen_netfront"),
    *(name for kind in (USUAL, EFI) for name in FILESYSTEMS[kind].modules),
    "crc32c_generic",
)
ALSO = {
    **{row.name: row.modules for row in FILESYSTEMS.values()},
    "lvm": ("dm_mod",),
    "luks": (
        *("dm_mod", "dm_crypt", "xts", "cbc", "ecb", "essiv", "algif_skcipher"),
        *("aes_generic", "aesni_intel", "sha256_generic", "sha512_generic"),
    ),
}  # further modules of an initramfs, for what the root is on


def needed(
    recipe: Recipe,
    storage: Storage,
    *,
    machine: AptMachine,
    kernels: tuple[str, ...],
    architecture: str,
) -> tuple[str, ...]:
    """List what the image needs to start, to check its filesystems and for its settings.

    The *machine*'s kernel unless the recipe names another, by one of the globs *kernels*, or wants
    no boot loader; no init without the core; nothing that the recipe excludes.

    Raises RecipeError if the boot loader that the recipe asks for is not there for the *machine*.
    """
    names = {wanted.name for wanted in recipe.packages.names}
    found = {TOOLS[kind] for kind in kinds(contents(storage)) if kind in TOOLS}
    if recipe.packages.core:
        found |= {"systemd-sysv", "udev"}
    if recipe.boot_loader.enabled and recipe.boot_loader.installed:
        found |= {"initramfs-tools", machine.kernel, *of_boot_loader(recipe.boot_loader, machine)}
    if opens_late(storage):
        found.add("systemd-cryptsetup")
    if grows := growth(storage, architecture):
        found.add(GROWING[grows.table])
    if any(fnmatchcase(name, glob) for name in names for glob in kernels):
        found.discard(machine.kernel)
    excluded = {wanted.name for wanted in recipe.packages.excluded}
    return (*sorted(found - excluded), *(need.package for need in for_settings(recipe)))


def for_settings(recipe: Recipe) -> tuple[Need, ...]:
    """List the packages without which the settings of *recipe* could not be honoured."""
    settings = recipe.settings
    needs = [Need(name, ANCHOR) for name in sorted(certificates.needed_packages(settings))]
    languages = (settings.language, *settings.more_languages)
    if foreign := [name for name in languages if name not in shell.PLAIN_LOCALES]:
        needs.append(Need("locales", f"lang {foreign[0]}"))
    if settings.firewall and settings.firewall.enabled:
        needs.append(Need("firewalld", "firewall --enabled"))
    other = any(wanted.name in TIME for wanted in recipe.packages.names)
    if settings.time_servers and settings.time_synced and not other:
        needs.append(Need("systemd-timesyncd", "timesource"))
    if settings.timezone not in shell.UTC:
        needs.append(Need("tzdata", f"timezone {settings.timezone}"))
    if shell.layouts(settings) not in ([], ["us"]):
        needs.append(Need("console-setup", "keyboard", always=False))
    return tuple(needs)


def of_boot_loader(loader: BootSettings, machine: AptMachine) -> tuple[str, ...]:
    """The packages of the boot *loader*, beside the kernel. Raises RecipeError if there is none
    of its kind for the *machine*."""
    known = dict(machine.boot_loaders)
    if loader.kind not in known:
        raise RecipeError(
            f"no {loader.kind} is made here for {machine.architecture}",
            where=loader.where,
            hint=f"bootloader with {' or '.join(known)}, or bootloader --disabled",
        )
    return known[loader.kind]


def modules(storage: Storage) -> tuple[str, ...]:
    """The kernel's modules in the initramfs: for every virtual machine, and for the root."""
    more = (name for kind in sorted(kinds(early(storage))) for name in ALSO.get(kind, ()))
    return tuple(dict.fromkeys((*MODULES, *more)))
