"""Turn a recipe and a lock into a plan. Read this file top to bottom to see what a build does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from appliance.backends import (
    boot_loaders,
    disk_formats,
    families,
    filesystems,
    package_managers,
)
from appliance.backends.boot_loaders.grub import grub_config
from appliance.backends.families import debian_scripts as debian
from appliance.backends.filesystems.model import options_checked
from appliance.backends.package_managers.model import Lock
from appliance.errors import RecipeError
from appliance.layout import identity
from appliance.layout.fstab import filesystem_uuid, fstab, source
from appliance.layout.model import DiskLayout, Slot
from appliance.layout.place import disks, place
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe, Volume
from appliance.steps import Step
from appliance.steps.assemble_disk import AssembleDisk, Piece
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.install_packages import InstallPackages
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.run_script import RunScript
from appliance.units import MIB

CONSOLES = "console=tty0 console=ttyS0,115200"  # both: whoever looks at either sees a login
PARTITION_TOOLS = ("sfdisk",)


@dataclass(frozen=True)
class Target:
    """What the command line adds to a recipe. *disk_size* and *memory* are bytes; *network*:
    scripts may use the build host's."""

    disk_format: str = "qcow2"
    disk_size: int | None = None
    network: bool = True
    memory: int = 1024 * MIB
    cpus: int = 1


Versions = Callable[[tuple[str, ...]], tuple[tuple[str, str], ...]]


def make_plan(recipe: Recipe, lock: Lock, target: Target, *, versions: Versions) -> Plan:
    """Plan the disks of *recipe*; same arguments, same plan: no clock, no dice.

    *versions* tells which version of each tool will do the work: it belongs to the result.

    Raises RecipeError if the partitions do not fit or nothing could boot.
    """
    layouts = lay_out(recipe, target)
    layers = tree(recipe, lock, target)
    names = tuple(step.gives for step in layers)
    boot = boot_code(recipe, layouts, versions)
    raw = [assemble(recipe, layout, names, boot, versions) for layout in layouts]
    images = [convert(step, target, versions) for step in raw]
    steps = (*layers, *boot, *raw, *images)
    return Plan(recipe.name, lock.clock, steps, tuple(step.gives for step in images))


def lay_out(recipe: Recipe, target: Target) -> tuple[DiskLayout, ...]:
    """Every disk that the recipe mentions; --disk-size is the first one's."""
    return tuple(
        place(
            name,
            [volume for volume in recipe.volumes if volume.disk == name],
            table=recipe.table,
            disk_size=target.disk_size if number == 0 else None,
        )
        for number, name in enumerate(disks(recipe.volumes))
    )


def tree(recipe: Recipe, lock: Lock, target: Target) -> list[Step]:
    """The layers of the root tree, the lowest first."""
    install = InstallPackages(
        manager="apt",
        packages=lock.packages,
        documentation=recipe.packages.documentation,
        languages=recipe.packages.languages,
        seeds=debian.SEEDS,
    )
    layers: list[Step] = [install]
    for name, body in own_scripts(recipe, lock).items():
        layers.append(RunScript(name, _below(layers), body, "/bin/sh"))
    for number, script in enumerate(recipe.scripts, start=1):
        layers.append(
            RunScript(
                name=f"post-{number}",
                after=_below(layers),
                body=script.body,
                interpreter=script.interpreter,
                network=target.network,
                outside=not script.chroot,
                strict=script.error_on_fail,
                log=script.log,
                where=script.where,
            )
        )
    layers.append(
        RunScript("finish", _below(layers), debian.finish_script(recipe.source), "/bin/sh")
    )
    return layers


def _below(layers: list[Step]) -> tuple[str, ...]:
    return tuple(step.gives for step in layers)


def own_scripts(recipe: Recipe, lock: Lock) -> Mapping[str, str]:
    """What we run ourselves between the packages and the author's scripts."""
    family = families.KNOWN[lock.family]
    table = fstab(recipe.name, recipe.volumes)
    scripts = {
        "settings": debian.settings_script(
            recipe.settings,
            fstab=table,
            apt_sources=family.official_sources(recipe, lock.release),
        )
    }
    if recipe.boot_loader.enabled:
        scripts["boot"] = debian.boot_loader_script(
            grub_config(
                root_uuid=grub_uuid(recipe),
                boot_path=boot_path(recipe),
                kernel_root=source(recipe.name, root_volume(recipe)),
                append=kernel_arguments(recipe),
                timeout=recipe.boot_loader.timeout,
            ),
            append=kernel_arguments(recipe),
            timeout=recipe.boot_loader.timeout,
        )
        scripts["initramfs"] = debian.initramfs_script(family.initramfs_modules)
    scripts["accounts"] = debian.accounts_script(recipe.settings)
    return scripts


def kernel_arguments(recipe: Recipe) -> str:
    """The author's words; consoles on screen and serial port unless they name their own."""
    append = recipe.boot_loader.append
    return append if "console=" in append else f"{append} {CONSOLES}".strip()


def root_volume(recipe: Recipe) -> Volume:
    """The volume that is mounted at /."""
    for volume in recipe.volumes:
        if volume.mount_point == "/":
            return volume
    raise RecipeError("no partition is mounted at /", hint="part / --size=2048 --grow")


def _grub_volume(recipe: Recipe) -> Volume:
    """The volume that holds /boot."""
    own = [volume for volume in recipe.volumes if volume.mount_point == "/boot"]
    volume = own[0] if own else root_volume(recipe)
    if volume.filesystem == "vfat":
        raise RecipeError(
            "/boot needs links, which vfat does not have", where=volume.where, hint="--fstype=ext4"
        )
    return volume


def boot_path(recipe: Recipe) -> str:
    """/boot as seen from the root of its own filesystem."""
    return "" if _grub_volume(recipe).mount_point == "/boot" else "/boot"


def grub_uuid(recipe: Recipe) -> str:
    """The identity of the filesystem on which GRUB finds its configuration."""
    return filesystem_uuid(recipe.name, _grub_volume(recipe))


def boot_code(
    recipe: Recipe, layouts: tuple[DiskLayout, ...], versions: Versions
) -> list[MakeBootCode]:
    """A boot loader for each kind of firmware that the first disk has room for."""
    if not recipe.boot_loader.enabled:
        return []
    kinds = firmware(layouts[0])
    if not kinds:
        raise RecipeError(
            "nothing could start this disk: a GPT without BIOS boot and EFI system partitions",
            where=layouts[0].slots[0].volume.where,
            hint="part biosboot --size=1 and part /boot/efi --fstype=efi --size=64",
        )
    return [
        MakeBootCode(
            kind, grub_uuid(recipe), boot_path(recipe), versions(boot_loaders.KNOWN[kind].tools)
        )
        for kind in kinds
    ]


def firmware(layout: DiskLayout) -> tuple[str, ...]:
    """Which firmware can start a disk: bios through an MBR or a biosboot partition, uefi
    through an EFI system partition."""
    held = {slot.volume.filesystem for slot in layout.slots}
    bios = ("bios",) if layout.table == "dos" or "biosboot" in held else ()
    return (*bios, *(("uefi",) if "efi" in held else ()))


def assemble(
    recipe: Recipe,
    layout: DiskLayout,
    layers: tuple[str, ...],
    boot: list[MakeBootCode],
    versions: Versions,
) -> AssembleDisk:
    """The step that writes one disk; the first holds the boot loader."""
    pieces = tuple(piece(recipe, slot) for slot in layout.slots)
    first = layout.name == disks(recipe.volumes)[0]
    tools = {tool for one in pieces if one.filesystem for tool in tools_of(one.filesystem)}
    return AssembleDisk(
        name=layout.name,
        table=layout.table,
        size=layout.size,
        identity=identity.stable_uuid(recipe.name, "disk", layout.name),
        pieces=pieces,
        layers=layers,
        boot=tuple(step.gives for step in boot) if first else (),
        tools=versions((*PARTITION_TOOLS, *sorted(tools))),
    )


def tools_of(filesystem: str) -> tuple[str, ...]:
    """The programs that make one filesystem."""
    return filesystems.find(filesystem).tools


def piece(recipe: Recipe, slot: Slot) -> Piece:
    """One partition, with the names by which it will be known."""
    volume = slot.volume
    if volume.filesystem in filesystems.KNOWN:
        allowed = filesystems.KNOWN[volume.filesystem].options
        options_checked(volume.make_options, allowed, volume.where)
    below = volume.mount_point.rstrip("/") + "/"
    hidden = tuple(
        sorted(
            other.mount_point
            for other in recipe.volumes
            if other.mount_point != volume.mount_point and other.mount_point.startswith(below)
        )
    )
    return Piece(
        number=slot.number,
        start=slot.start,
        size=slot.size,
        type_id=slot.type_id,
        identity=identity.stable_uuid(recipe.name, "partition", volume.disk, str(slot.number)),
        filesystem="" if volume.filesystem == "biosboot" else volume.filesystem,
        uuid=filesystem_uuid(recipe.name, volume),
        mount_point=volume.mount_point,
        hidden=hidden if volume.mount_point else (),
        label=volume.label,
        options=volume.make_options,
        where=volume.where,
    )


def convert(disk: AssembleDisk, target: Target, versions: Versions) -> ConvertDisk:
    """The step that makes the image people asked for."""
    kind = disk_formats.find(target.disk_format)
    return ConvertDisk(disk.name, target.disk_format, versions(kind.tools))


def needed_tools(recipe: Recipe, target: Target) -> tuple[str, ...]:
    """The programs of this host that a build of *recipe* will run."""
    tools = {"apt-get", "apt-cache", "gpgv", *PARTITION_TOOLS, *package_managers.KNOWN["apt"].tools}
    tools.update(disk_formats.find(target.disk_format).tools)
    for volume in recipe.volumes:
        if volume.filesystem in filesystems.KNOWN:
            tools.update(filesystems.KNOWN[volume.filesystem].tools)
    if recipe.boot_loader.enabled:
        for kind in firmware(lay_out(recipe, target)[0]):
            tools.update(boot_loaders.KNOWN[kind].tools)
    return tuple(sorted(tools))
