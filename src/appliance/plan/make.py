"""Turn a recipe and a lock into a plan. Read this file top to bottom to see what a build does."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.backends import (
    boot_loaders,
    disk_formats,
    families,
    filesystems,
    package_managers,
)
from appliance.backends.families.model import Boot, Family
from appliance.backends.filesystems.model import options_checked
from appliance.backends.package_managers.model import Lock
from appliance.errors import RecipeError
from appliance.layout import identity
from appliance.layout.fstab import filesystem_uuid, fstab, source
from appliance.layout.model import DiskLayout, Slot
from appliance.layout.place import disks, place
from appliance.plan.model import Plan
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import Volume
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
    scripts may use the build host's; *architecture* is as the kernel names it."""

    disk_format: str = "qcow2"
    disk_size: int | None = None
    network: bool = True
    memory: int = 1024 * MIB
    cpus: int = 1
    architecture: str = "x86_64"


Versions = Callable[[tuple[str, ...]], tuple[tuple[str, str], ...]]


def make_plan(recipe: Recipe, lock: Lock, target: Target, *, versions: Versions) -> Plan:
    """Plan the disks of *recipe*; same arguments, same plan: no clock, no dice.

    *versions* tells which version of each tool will do the work: it belongs to the result.

    Raises RecipeError if the partitions do not fit or nothing could boot.
    """
    family = families.KNOWN[lock.family]
    layouts = lay_out(recipe, target)
    boot = boot_of(recipe, layouts, target.architecture)
    layers = tree(recipe, lock, target, versions=versions, boot=boot)
    names = tuple(step.gives for step in layers)
    loaders = boot_code(family, names, boot, versions=versions)
    raw = [assemble(recipe, layout, names, boot=loaders, versions=versions) for layout in layouts]
    images = [convert(step, target, versions) for step in raw]
    steps = (*layers, *loaders, *raw, *images)
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


def boot_of(recipe: Recipe, layouts: tuple[DiskLayout, ...], architecture: str) -> Boot | None:
    """How the first disk is to start; None if the recipe wants no boot loader."""
    if not recipe.boot_loader.enabled:
        return None
    kinds = firmware(layouts[0], architecture)
    if not kinds:
        raise RecipeError(
            "nothing could start this disk: a GPT without BIOS boot and EFI system partitions",
            where=layouts[0].slots[0].volume.where,
            hint="part biosboot --size=1 and part /boot/efi --fstype=efi --size=64",
        )
    return Boot(
        firmware=kinds,
        root=source(recipe.name, root_volume(recipe)),
        arguments=kernel_arguments(recipe),
        uuid=grub_uuid(recipe),
        path=boot_path(recipe),
        table=recipe.table,
        timeout=recipe.boot_loader.timeout,
    )


def tree(
    recipe: Recipe, lock: Lock, target: Target, *, versions: Versions, boot: Boot | None
) -> list[Step]:
    """The layers of the root tree, the lowest first."""
    family = families.KNOWN[lock.family]
    manager = package_managers.find(family.package_manager)
    install = InstallPackages(
        manager=manager.name,
        packages=tuple(replace(item, payload="") for item in lock.packages),
        documentation=recipe.packages.documentation,
        languages=recipe.packages.languages,
        seeds=family.seeds(recipe),
        options=family.manager_options(lock.release),
        tools=versions(manager.shaping_tools),
    )
    layers: list[Step] = [install]
    table = fstab(recipe.name, recipe.volumes)
    for name, body in family.scripts(recipe, lock.release, fstab=table, boot=boot).items():
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
    layers.append(RunScript("finish", _below(layers), family.finish_script(recipe), "/bin/sh"))
    return layers


def _below(layers: list[Step]) -> tuple[str, ...]:
    return tuple(step.gives for step in layers)


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
    family: Family, layers: tuple[str, ...], boot: Boot | None, *, versions: Versions
) -> list[MakeBootCode]:
    """The boot loader of each kind of firmware that does not find it in the tree."""
    if boot is None:
        return []
    return [
        MakeBootCode(
            kind,
            loader.name,
            boot.uuid,
            boot.path,
            layers if loader.in_tree else (),
            versions(loader.tools),
        )
        for kind in boot.firmware
        if kind in family.boot_loaders
        for loader in (boot_loaders.KNOWN[family.boot_loaders[kind]],)
    ]


def firmware(layout: DiskLayout, architecture: str) -> tuple[str, ...]:
    """Which firmware can start a disk: bios, which only PCs have, through an MBR or a biosboot
    partition, uefi through an EFI system partition."""
    held = {slot.volume.filesystem for slot in layout.slots}
    pc = architecture == "x86_64"
    bios = ("bios",) if pc and (layout.table == "dos" or "biosboot" in held) else ()
    return (*bios, *(("uefi",) if "efi" in held else ()))


def assemble(
    recipe: Recipe,
    layout: DiskLayout,
    layers: tuple[str, ...],
    *,
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


def needed_tools(family: Family, recipe: Recipe, target: Target) -> tuple[str, ...]:
    """The programs of this host that a build of *recipe* will run."""
    tools = {*PARTITION_TOOLS, *package_managers.find(family.package_manager).tools}
    tools.update(disk_formats.find(target.disk_format).tools)
    for volume in recipe.volumes:
        if volume.filesystem in filesystems.KNOWN:
            tools.update(filesystems.KNOWN[volume.filesystem].tools)
    if recipe.boot_loader.enabled:
        for kind in firmware(lay_out(recipe, target)[0], target.architecture):
            if kind in family.boot_loaders:
                tools.update(boot_loaders.KNOWN[family.boot_loaders[kind]].tools)
    return tuple(sorted(tools))
