"""Make a recipe's storage complete: the partitions that it leaves to us, and what it leaves open.

Facts: what Anaconda chooses (its automatic partitioning and its products' profiles).
"""

from dataclasses import dataclass, replace

from appliance.filesystem_facts import BIOS_BOOT, BTRFS, EFI, LVM, PREP, SWAP, USUAL
from appliance.layout.growing import OPTION, check_growing_root
from appliance.layout.join import join
from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import (
    Autopart,
    BtrfsVolume,
    LogicalVolume,
    Reqpart,
    Subvolume,
    Volume,
    VolumeGroup,
)
from appliance.units import GIB, MIB

CODE_SIZE, ESP_SIZE, PREP_SIZE = MIB, 500 * MIB, 4 * MIB  # what firmware needs
ROOT, LARGEST_ROOT = GIB, 70 * GIB
HOME = 500 * MIB
HOME_FROM = 50 * GIB  # a smaller disk has no /home of its own
USUAL_DISK = 10 * GIB  # where something grows from next to nothing and nobody says how far
SMALL_ROOT = 512 * MIB  # what no distribution fits into: it is meant to grow
MEMBERS = {LVM: "pv.auto", BTRFS: f"{BTRFS}.auto"}
SLIM, MEDIUM, LARGE = 2 * GIB, 8 * GIB, 64 * GIB  # of a machine's memory


@dataclass(frozen=True)
class StorageDefaults:
    """What a distribution chooses: filesystems, the *scheme* of `autopart` (plain, lvm, btrfs),
    whether that makes swap, the size of /boot in bytes, and what its group or label is called."""

    name: str
    filesystem: str = USUAL
    boot_filesystem: str = USUAL
    scheme: str = "plain"
    swap: bool = False
    boot_size: int = GIB


def complete(
    recipe: Recipe,
    defaults: StorageDefaults,
    *,
    architecture: str,
    memory: int,
    disk_size: int | None,
    grow_root: bool = False,
) -> Storage:
    """Return all that *recipe* stores, with what it leaves to us and what it leaves open.

    *memory* and *disk_size* are the machine's, in bytes; *grow_root*: the root grows at boot. This
    is the only place where a distribution's *defaults* are looked at.

    Raises RecipeError for lines that do not go together, or if the root is to grow and cannot.
    """
    if recipe.autopart:
        recipe = _partitioned(
            recipe, recipe.autopart, defaults, architecture=architecture, disk_size=disk_size
        )
    elif recipe.reqpart:
        recipe = _required(recipe, recipe.reqpart, defaults, architecture)

    def settled(volume: Volume) -> Volume:
        return _settled(volume, defaults, memory=memory)

    whole = replace(
        recipe,
        volumes=tuple(settled(volume) for volume in recipe.volumes),
        volume_groups=tuple(
            replace(
                group,
                volumes=tuple(replace(item, volume=settled(item.volume)) for item in group.volumes),
            )
            for group in recipe.volume_groups
        ),
    )
    first = whole.volumes[0].disk if whole.volumes else whole.disk
    storage = join(
        whole,
        sizes={first: disk_size} if disk_size is not None else {},
        least={first: _least(whole), **dict(recipe.disk_sizes)},
        options={"/": OPTION} if grow_root else {},
    )
    if grow_root:
        check_growing_root(storage)
    return storage


def _least(recipe: Recipe) -> int:
    """Return the bytes that the first disk has at least if nobody asks for a size: USUAL_DISK for a
    root that has to grow to be of any use."""
    logical = (item.volume for group in recipe.volume_groups for item in group.volumes)
    small = any(
        volume.grow and volume.size < SMALL_ROOT
        for volume in (*recipe.volumes, *logical)
        if volume.mount_point == "/" or volume.member
    )
    return USUAL_DISK + sum(volume.size for volume in recipe.volumes) if small else 0


def _settled(volume: Volume, defaults: StorageDefaults, *, memory: int) -> Volume:
    if not volume.filesystem:
        boot = volume.mount_point == "/boot"
        kind = defaults.boot_filesystem if boot else defaults.filesystem
        volume = replace(volume, filesystem=kind)
    if volume.recommended:
        size = recommended_swap(memory) + (memory if volume.hibernation else 0)
        volume = replace(volume, size=max(volume.size, size), recommended=False)
    if volume.filesystem == BIOS_BOOT and not volume.size:
        volume = replace(volume, size=CODE_SIZE)
    return volume


def recommended_swap(memory: int) -> int:
    """How large Anaconda makes the swap of a machine with *memory* bytes."""
    if memory < SLIM:
        return 2 * memory
    if memory < MEDIUM:
        return memory
    return memory // 2 if memory < LARGE else 4 * GIB


def _required(
    recipe: Recipe, line: Reqpart, defaults: StorageDefaults, architecture: str
) -> Recipe:
    """Put what the firmware needs in front of the author's own partitions."""
    blank = Volume("", "", 0, recipe.disk, line.where)
    made = _platform(recipe.table, architecture, blank)
    if line.boot:
        made.append(_boot(defaults, blank))
    there = {volume.name for volume in recipe.volumes}
    disk = recipe.volumes[0].disk if recipe.volumes else recipe.disk
    fresh = tuple(replace(volume, disk=disk) for volume in made if volume.name not in there)
    return replace(recipe, volumes=(*fresh, *recipe.volumes))


def _platform(table: str, architecture: str, blank: Volume) -> list[Volume]:
    """What the firmware of a machine needs on its disk."""
    made = []
    if architecture == "x86_64" and table == "gpt":
        made.append(replace(blank, filesystem=BIOS_BOOT, size=CODE_SIZE))
    if architecture.startswith("ppc64"):
        return [replace(blank, filesystem=PREP, size=PREP_SIZE)]
    return [*made, replace(blank, mount_point="/boot/efi", filesystem=EFI, size=ESP_SIZE)]


def _boot(defaults: StorageDefaults, blank: Volume) -> Volume:
    return replace(
        blank,
        mount_point="/boot",
        filesystem=defaults.boot_filesystem,
        size=defaults.boot_size,
    )


def _partitioned(
    recipe: Recipe,
    line: Autopart,
    defaults: StorageDefaults,
    *,
    architecture: str,
    disk_size: int | None,
) -> Recipe:
    """Replace an `autopart` line by the volumes that Anaconda would make for it."""
    blank = Volume("", "", 0, recipe.disk, line.where)
    scheme = line.scheme or defaults.scheme
    filesystem = line.filesystem or defaults.filesystem
    volumes = _platform(recipe.table, architecture, blank)
    if line.boot:
        volumes.append(_boot(defaults, blank))
    root = replace(
        blank, mount_point="/", filesystem=filesystem, size=ROOT, grow=True, maximum=LARGEST_ROOT
    )
    spacious = (disk_size or USUAL_DISK) >= HOME_FROM
    home = replace(blank, mount_point="/home", filesystem=filesystem, size=HOME, grow=True)
    swap = replace(blank, filesystem=SWAP, recommended=True, hibernation=line.hibernation)
    inner = [
        *([swap] if (defaults.swap or line.hibernation) and line.swap else []),
        root if line.home and spacious else replace(root, maximum=0),
        *([home] if line.home and spacious else []),
    ]
    if scheme == "plain":
        made = [replace(volume, encryption=line.encryption) for volume in inner]
        return replace(recipe, volumes=(*volumes, *made))
    member = MEMBERS[scheme]
    held = replace(blank, filesystem=scheme, member=member, grow=True, encryption=line.encryption)
    if scheme == BTRFS:
        return _on_btrfs(recipe, line, defaults, [*volumes, replace(held, size=ROOT)])
    names = {"/": "root", "/home": "home", "": "swap"}
    group = VolumeGroup(
        name=defaults.name,
        members=(member,),
        volumes=tuple(
            LogicalVolume(names[volume.mount_point], replace(volume, disk="")) for volume in inner
        ),
        where=line.where,
    )
    return replace(recipe, volumes=(*volumes, held), volume_groups=(group,))


def _on_btrfs(
    recipe: Recipe, line: Autopart, defaults: StorageDefaults, volumes: list[Volume]
) -> Recipe:
    parts = [Subvolume("root", "/", line.where)]
    parts += [Subvolume("home", "/home", line.where)] if line.home else []
    whole = BtrfsVolume(
        label=defaults.name,
        member=MEMBERS[BTRFS],
        where=line.where,
        mount_options="compress=zstd:1",
        subvolumes=tuple(parts),
    )
    return replace(recipe, volumes=tuple(volumes), btrfs=(whole,))
