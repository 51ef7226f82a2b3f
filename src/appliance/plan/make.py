"""Turn a recipe and a lock into a plan. Read this file top to bottom to see what a build does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from appliance.backends import (
    boot_loaders,
    brands,
    disk_formats,
    families,
    package_managers,
    tree_formats,
)
from appliance.backends.boot_loaders.look import PLAIN_LOOK, MenuLook
from appliance.backends.families.model import BootSetup, Family
from appliance.backends.families.shell.first_boot import first_boot_script
from appliance.backends.families.shell.growing import growing_script
from appliance.backends.families.shell.image import image_script
from appliance.backends.families.shell.network import counted
from appliance.backends.package_managers.model import Lock
from appliance.layout import identity
from appliance.layout.complete import USUAL_DISK
from appliance.layout.contents import root_of
from appliance.layout.firmware import BIOS, EXTLINUX, GRUB, firmware, for_board, holding, path_in
from appliance.layout.fstab import layout_arguments
from appliance.layout.growing import growth
from appliance.layout.model import DiskLayout
from appliance.layout.storage import Storage
from appliance.layout.writable import expect_writable
from appliance.plan.filling import DiskInputs, Versions, copies_labels, encryption_tools, fillings
from appliance.plan.judging import judging, told
from appliance.plan.labels import labels
from appliance.plan.labels import tools as label_tools
from appliance.plan.model import Plan
from appliance.plan.own_files import NO_FILES, FoundFiles
from appliance.plan.scripts import Scripts, Terms
from appliance.plan.storage import Pieces, lay_out, storage_tools
from appliance.recipe.model import Recipe
from appliance.steps import Step, layers_of
from appliance.steps.assemble_disk import AssembleDisk
from appliance.steps.convert_disk import ConvertDisk
from appliance.steps.copy_files import CopyFiles
from appliance.steps.install_packages import InstallPackages
from appliance.steps.make_boot_code import MakeBootCode
from appliance.steps.map_blocks import MapBlocks
from appliance.steps.pack_tree import PackTree
from appliance.steps.run_script import RunScript
from appliance.units import MIB, align_up
from appliance.work.results import Layer

CONSOLES = "console=tty0 console=ttyS0,115200"  # both: whoever looks at either sees a login
PARTITION_TOOLS = ("sfdisk",)
LOADERS = {EXTLINUX: {BIOS: "extlinux"}}  # that a firmware does not find in the tree; GRUB: family


@dataclass(frozen=True)
class Target:
    """What the command line adds to a recipe.

    *formats*: names of backends/disk_formats; each disk comes in all of them.
    *disk_size*: the size of the first disk in bytes; None means that nobody asked for one.
    *fitted*: True if what grows becomes as small as its content allows, whatever its size.
    *network*: which network scripts have, as work.Jail has it.
    *memory*: the memory in bytes of the machine that is built for.
    *architecture*: the processor's, as the kernel names it.
    *grow_root*: True if the root grows at boot to the disk that it finds.
    *whole*: the sizes of disks are multiples of so many bytes.
    *maps*: True if raw disks come with a map of their blocks.
    *strict_scripts*: True if the build ends when any script of the author fails.
    *keep_kickstart*: True if the image keeps the whole kickstart, with hashes and scripts.
    """

    formats: tuple[str, ...] = ("qcow2",)
    disk_size: int | None = None
    fitted: bool = False
    network: str = "own"
    memory: int = 1024 * MIB
    architecture: str = "x86_64"
    grow_root: bool = False
    whole: int = MIB
    maps: bool = False
    strict_scripts: bool = False
    keep_kickstart: bool = False


def make_plan(
    recipe: Recipe,
    storage: Storage,
    *,
    lock: Lock,
    target: Target,
    versions: Versions,
    own: FoundFiles = NO_FILES,
) -> Plan:
    """Plan the disks of *recipe*, which hold *storage*; same arguments, same plan: no clock, no
    dice.

    *versions* tells which version of each tool will do the work: it belongs to the result. *own*
    are the author's own files.

    Raises RecipeError if the partitions do not fit or nothing could boot.
    """
    family, architecture = families.KNOWN[lock.family], target.architecture
    recipe = for_board(recipe, storage, architecture=architecture)
    layouts = lay_out(storage, architecture=architecture, fitted=target.fitted)
    layouts = tuple(replace(layout, size=align_up(layout.size, target.whole)) for layout in layouts)
    pieces = Pieces(
        recipe.name,
        storage,
        layouts,
        versions=dict(versions((*PARTITION_TOOLS, *storage_tools(storage)))),
        fitted=target.fitted,
    )
    boot = boot_of(recipe, storage, architecture=architecture, selinux=family.selinux_arguments)
    terms = Terms(
        target.network,
        target.strict_scripts,
        own.shown,
        own.names,
        programs=tuple(sorted(family.script_programs(boot).items())),
        disk_size=target.disk_size or USUAL_DISK,
    )
    scripts = Scripts(recipe, storage, layouts, terms)
    configured = configuration(recipe, storage, lock=lock, boot=boot, architecture=architecture)
    layers = tree(recipe, lock, scripts=scripts, configured=configured, versions=versions, own=own)
    end = family.finish_script(told(recipe, whole=target.keep_kickstart), boot)
    layers.append(RunScript("finish", layers_of(layers), end, "/bin/sh", files=scripts.files))
    names = layers_of(layers)
    judge = judging(recipe, layers, whole_kickstart=target.keep_kickstart)
    loaders = boot_code(family, names, boot, versions=versions)
    labelled = labels(lock, names, versions(label_tools(lock)))
    inputs = DiskInputs(
        names,
        tuple(step.gives for step in loaders),
        tuple(step.gives for step in labelled),
        copied=any(copies_labels(pieces.on(layout)) for layout in layouts),
    )
    raw = write_disks(pieces, layouts, inputs, versions=versions, whole=target.whole)
    images = results(target, layouts, names, versions, name=recipe.name)
    steps = (*scripts.before(), *layers, judge, *labelled, *loaders, *raw, *images)
    wanted = (*(step.gives for step in images), judge.gives)
    return Plan(recipe.name, lock.clock, (*steps, *scripts.on_failure()), wanted)


def write_disks(
    pieces: Pieces,
    layouts: tuple[DiskLayout, ...],
    inputs: DiskInputs,
    *,
    versions: Versions,
    whole: int,
) -> list[Step]:
    """The steps that write all disks; the first of them holds the boot loader."""
    steps: list[Step] = []
    for layout in layouts:
        steps += write_disk(pieces, layout, inputs, versions=versions, whole=whole)
        inputs = replace(inputs, boot=())
    return steps


def results(
    target: Target,
    disks: tuple[DiskLayout, ...],
    layers: tuple[Layer, ...],
    versions: Versions,
    *,
    name: str,
) -> list[Step]:
    """What people asked for: each disk in each format, maps of raw ones, the files alone."""
    wanted: list[Step] = []
    for each in target.formats:
        if kind := tree_formats.KNOWN.get(each):
            called = name if kind.named else ""
            tools = versions(kind.tools)
            wanted.append(PackTree(each, target.architecture, called, layers, tools))
            continue
        for disk in disks:
            if not target.fitted:  # else it becomes smaller, nobody knows how much
                disk_formats.check_size(each, disk.size)
            wanted.append(convert(disk.name, each, versions))
    if target.maps and any(each.split(".")[0] == "raw" for each in target.formats):
        wanted += [MapBlocks(disk.name) for disk in disks]
    return wanted


def boot_of(
    recipe: Recipe, storage: Storage, *, architecture: str, selinux: tuple[str, ...] = ()
) -> BootSetup | None:
    """How the first disk is to start; None if the recipe wants no boot loader. *selinux* is what
    the family's kernels have to be told of it.

    Raises RecipeError if nothing could start it, or it had nowhere to write.
    """
    loader, brand = recipe.boot_loader, recipe.brand
    if not loader.enabled:
        return None
    kinds = firmware(loader, storage, architecture=architecture)
    if loader.installed:
        expect_writable(storage)
    held = holding(storage, "/boot", loader=loader.kind if loader.installed else "")
    return BootSetup(
        firmware=kinds,
        root=root_of(storage).source,
        arguments=kernel_arguments(recipe, storage, selinux=selinux),
        uuid=held.held.uuid,
        path=path_in(held, "/boot"),
        table=recipe.table,
        timeout=loader.timeout,
        loader=loader.kind,
        installed=loader.installed,
        password=loader.password,
        architecture=architecture,
        in_mbr=loader.in_mbr,
        look=MenuLook(brand.title, brand.colour, brand.background) if brand else PLAIN_LOOK,
    )


def configuration(
    recipe: Recipe, storage: Storage, *, lock: Lock, boot: BootSetup | None, architecture: str
) -> dict[str, str]:
    """The shell that makes installed packages the system that is asked for, by the names of the
    layers that it gives, in order."""
    family = families.KNOWN[lock.family]
    grows = growth(storage, architecture)
    brand = brands.script(recipe, family)  # first: boot menus and initramfs say the name, too
    return {
        **({"brand": brand} if brand else {}),
        **family.scripts(
            recipe, lock.release, architecture=lock.architecture, storage=storage, boot=boot
        ),
        **({"growing": growing_script(grows)} if grows else {}),
        **({"image": image_script(recipe.image)} if recipe.image and not recipe.brand else {}),
    }


def tree(
    recipe: Recipe,
    lock: Lock,
    *,
    scripts: Scripts,
    configured: Mapping[str, str],
    versions: Versions,
    own: FoundFiles,
) -> list[Step]:
    """The layers of the root tree but the last, the lowest first; *configured* are those of
    configuration(), *own* the author's own files, which his scripts find there."""
    family = families.KNOWN[lock.family]
    manager = package_managers.find(family.package_manager)
    layers: list[Step] = [*scripts.on_empty_root()]
    install = InstallPackages(
        manager=manager.name,
        packages=tuple(replace(item, payload="") for item in lock.packages),
        documentation=recipe.packages.documentation,
        languages=recipe.packages.languages,
        seeds=family.seeds(recipe),
        options=family.manager_options(lock.release),
        tools=versions(manager.shaping_tools),
        after=layers_of(layers),
    )
    layers.append(install)
    for name, body in configured.items():
        layers.append(RunScript(name, layers_of(layers), body, "/bin/sh"))
    if own.copies:
        layers.append(CopyFiles("files", layers_of(layers), own.copies))
    layers += scripts.after(layers_of(layers))
    if recipe.first_boot:
        text = first_boot_script(recipe.first_boot)
        layers.append(RunScript("first-boot", layers_of(layers), text, "/bin/sh"))
    return layers


def kernel_arguments(recipe: Recipe, storage: Storage, *, selinux: tuple[str, ...] = ()) -> str:
    """What the layout and the settings ask for, then the author's words; consoles on screen and
    serial port unless they name their own."""
    append = recipe.boot_loader.append
    own = () if "console=" in append else (CONSOLES,)
    words = (*layout_arguments(storage), *setting_arguments(recipe, selinux), append, *own)
    return " ".join(word for word in words if word)


def setting_arguments(recipe: Recipe, selinux: tuple[str, ...]) -> tuple[str, ...]:
    """What the kernel has to be told of the system's settings."""
    settings = recipe.settings
    crash = settings.crash_kernel
    said = "net.ifnames=" in recipe.boot_loader.append
    return (
        *(("net.ifnames=0",) if counted(settings.interfaces) and not said else ()),
        *(("selinux=0",) if settings.selinux == "disabled" else ()),
        *(selinux if settings.selinux in ("enforcing", "permissive") else ()),
        *((f"crashkernel={crash}",) if crash not in ("", "off") else ()),
        *(("rd.shell=0",) if recipe.boot_loader.password else ()),
    )


def boot_code(
    family: Family, layers: tuple[Layer, ...], boot: BootSetup | None, *, versions: Versions
) -> list[MakeBootCode]:
    """The boot loader of each kind of firmware that does not find it in the tree."""
    if boot is None or not boot.installed:
        return []
    chosen = LOADERS.get(boot.loader, {}) if boot.loader != GRUB else family.boot_loaders
    return [
        MakeBootCode(
            kind if boot.loader == GRUB else loader.name,
            loader.name,
            boot.uuid,
            boot.path,
            layers if loader.in_tree else (),
            versions(loader.tools),
        )
        for kind in boot.firmware
        if kind in chosen and not (kind == BIOS and not boot.in_mbr)
        for loader in (boot_loaders.KNOWN[chosen[kind]],)
    ]


def write_disk(
    pieces: Pieces, layout: DiskLayout, inputs: DiskInputs, *, versions: Versions, whole: int
) -> list[Step]:
    """The steps that make what is on one disk, and then the disk of it."""
    laid_out = pieces.on(layout)
    filled = fillings(layout, laid_out, inputs, versions)
    disk = AssembleDisk(
        name=layout.name,
        table=layout.table,
        size=layout.size,
        identity=identity.disk_id(pieces.name, layout.name),
        pieces=laid_out,
        filesystems=tuple(step.gives for step in filled),
        layers=inputs.embedders(),
        boot=inputs.embedded(),
        tools=versions((*PARTITION_TOOLS, *encryption_tools(laid_out))),
        whole=whole,
    )
    return [*filled, disk]


def convert(disk: str, disk_format: str, versions: Versions) -> ConvertDisk:
    """The step that makes one of the images that people asked for."""
    kind = disk_formats.find(disk_format)
    return ConvertDisk(disk, disk_format, versions(kind.tools))


def format_tools(name: str) -> tuple[str, ...]:
    """The programs that make the format *name*. Raises RequestError if there is none."""
    kind = tree_formats.KNOWN.get(name)
    return kind.tools if kind else disk_formats.find(name).tools


def needed_tools(
    family: Family, recipe: Recipe, storage: Storage, *, target: Target
) -> tuple[str, ...]:
    """The programs of this host that a build of *recipe* will run."""
    tools = {*PARTITION_TOOLS, *package_managers.find(family.package_manager).tools}
    tools.update(tool for name in target.formats for tool in format_tools(name))
    tools.update(storage_tools(storage))
    loader = recipe.boot_loader
    if loader.enabled and loader.installed and loader.kind == GRUB:
        for kind in firmware(loader, storage, architecture=target.architecture):
            if kind in family.boot_loaders:
                tools.update(boot_loaders.KNOWN[family.boot_loaders[kind]].tools)
    return tuple(sorted(tools))
