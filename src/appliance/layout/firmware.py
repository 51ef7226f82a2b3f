"""Which firmware can start a disk, by what is on it.

Facts: the BIOS starts the code in a disk's first sector, and only PCs have one; UEFI starts
programs of an EFI system partition (UEFI specification 3.5.1.1); U-Boot reads extlinux.conf.
"""

from dataclasses import replace

from appliance.errors import RecipeError
from appliance.filesystem_facts import BIOS_BOOT, EFI, FAT, USUAL, facts
from appliance.layout.contents import Content, contents, root_of
from appliance.layout.storage import Storage, opened
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BootSettings

PC = "x86_64"
BIOS = "bios"
OWN_BOOT = f"part /boot --fstype={USUAL} --size=1024"
GRUB, SYSTEMD_BOOT, EXTLINUX = "grub", "systemd-boot", "extlinux"


def firmware(loader: BootSettings, storage: Storage, *, architecture: str) -> tuple[str, ...]:
    """Return which of bios, uefi and u-boot start the first disk of *storage* on an *architecture*
    (as the kernel names it) with the boot loader that is asked for; none if none is.

    Raises RecipeError if one is, and nothing could start it.
    """
    if not loader.enabled:
        return ()
    first = storage.disks[:1]
    held = {opened(one.holds).kind for disk in first for one in disk.partitions}
    mbr = any(disk.table == "dos" for disk in first)
    bios = architecture == PC and (mbr or BIOS_BOOT in held)
    kinds = {
        GRUB: (*((BIOS,) if bios else ()), *(("uefi",) if EFI in held else ())),
        SYSTEMD_BOOT: ("uefi",) if EFI in held else (),
        EXTLINUX: (BIOS,) if architecture == PC else ("u-boot",),
    }[loader.kind]
    if kinds or not loader.installed:
        return kinds
    raise _unstartable(loader, storage, architecture)


def for_board(recipe: Recipe, storage: Storage, *, architecture: str) -> Recipe:
    """Return *recipe* with no boot loader to install if its *storage* is that of a board: the
    firmware of a Raspberry Pi and its kind reads a FAT at /boot itself, and starts the kernel that
    packages put there."""
    loader = recipe.boot_loader
    if architecture == PC or not loader.enabled or loader.kind != GRUB:
        return recipe
    held = {content.mount_point: facts(content.held.kind) for content in contents(storage)}
    read = "/boot" in held and held["/boot"].family == FAT
    efi = any(row.firmware_reads for row in held.values())
    return (
        replace(recipe, boot_loader=replace(loader, installed=False))
        if read and not efi
        else recipe
    )


def started_by(loader: BootSettings, storage: Storage, *, architecture: str) -> tuple[str, ...]:
    """Return those of firmware() that find what they start: a BIOS finds nothing if the first
    sector is left alone (`--nombr`)."""
    kinds = firmware(loader, storage, architecture=architecture)
    return tuple(kind for kind in kinds if kind != BIOS or loader.in_mbr)


def _unstartable(loader: BootSettings, storage: Storage, architecture: str) -> RecipeError:
    where = storage.disks[0].partitions[0].where if storage.disks else None
    if loader.kind == SYSTEMD_BOOT:
        return RecipeError(
            "systemd-boot is started by UEFI only: there is no EFI system partition",
            where=loader.where or where,
            hint="part /boot/efi --fstype=efi --size=500",
        )
    if architecture != PC:
        return RecipeError(
            f"nothing could start this disk on {architecture}: it has no EFI system partition",
            where=where,
            hint="part /boot/efi --fstype=efi --size=64",
        )
    return RecipeError(
        "nothing could start this disk: a GPT without BIOS boot and EFI system partitions",
        where=where,
        hint="part biosboot --size=1 and part /boot/efi --fstype=efi --size=64, or reqpart",
    )


def holding(storage: Storage, path: str, *, loader: str) -> Content:
    """Return the filesystem that holds *path* of the running system, where the boot *loader* finds
    its files; empty: none. systemd-boot has all of them on the EFI system partition.

    Raises RecipeError if the loader could not read it.
    """
    mounted = {content.mount_point: content for content in contents(storage)}
    held = mounted.get(path) or root_of(storage)
    where = held.where
    if loader not in (GRUB, EXTLINUX):
        return held
    if held.containers:
        raise RecipeError(
            f"{path} is encrypted: no boot loader here opens it",
            where=where,
            hint=f"{OWN_BOOT}, without --encrypted",
        )
    if held.logical and loader == EXTLINUX:
        raise RecipeError(
            f"{path} is on a logical volume: extlinux reads none",
            where=where,
            hint=OWN_BOOT,
        )
    kind = facts(held.held.kind)
    if not kind.extlinux_reads and loader == EXTLINUX:
        raise RecipeError(
            f"{path} is on {kind.name}: extlinux reads none",
            where=where,
            hint=OWN_BOOT,
        )
    if not kind.grub_module and loader == GRUB:
        raise RecipeError(
            f"{path} is on {kind.name}: GRUB finds nothing there", where=where, hint=OWN_BOOT
        )
    if not kind.keeps_links:
        raise RecipeError(
            f"{path} needs links, which {kind.mounted_as} does not have",
            where=where,
            hint=f"--fstype={USUAL}, or --arch aarch64 for a board whose firmware reads that",
        )
    return held


def path_in(held: Content, path: str) -> str:
    """Return *path* of the running system as seen from the root of the filesystem that *held* it:
    below a subvolume's name, and empty for the mount point itself."""
    top = f"/{held.subvolume.name}" if held.subvolume else ""
    return top if held.mount_point == path else f"{top}{path}"
