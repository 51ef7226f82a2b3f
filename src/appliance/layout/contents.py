"""Everything that the running system mounts or swaps to, wherever on the disks it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from appliance.errors import RecipeError
from appliance.layout.identity import fat_id, stable_uuid
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BtrfsVolume, Encryption, Volume

FAT = ("vfat", "efi")
LVM, LUKS = "lvm", "luks"
EARLY = ("/", "/usr")  # what an initramfs mounts
BARE = ("biosboot", "prepboot", "lvm")  # partitions without a filesystem


@dataclass(frozen=True)
class Container:
    """One LUKS volume: its identity, and what the recipe says of it."""

    uuid: str
    encryption: Encryption
    volume: Volume

    @property
    def name(self) -> str:
        """What the opened volume is called."""
        return f"luks-{self.uuid}"


@dataclass(frozen=True)
class Content:
    """One filesystem or swap space, or one subvolume: what *volume* says of it, by its *uuid*.

    *subvolume* is its name in a btrfs; *logical* is GROUP/NAME; *containers* are to be opened
    before it can be read, the outermost first.
    """

    volume: Volume
    uuid: str
    subvolume: str = ""
    logical: str = ""
    containers: tuple[Container, ...] = ()

    @property
    def mount_point(self) -> str:
        """Where it is mounted; empty for swap."""
        return self.volume.mount_point

    @property
    def source(self) -> str:
        """How fstab and the kernel name it."""
        fat = self.volume.filesystem in FAT
        return f"UUID={fat_id(self.uuid) if fat else self.uuid}"


def contents(recipe: Recipe) -> tuple[Content, ...]:
    """List them: partitions in the order of their lines, then logical volumes, then subvolumes.

    What no partition holds (a group without one) raises RecipeError.
    """
    return (*_partitions(recipe), *_logical(recipe), *_subvolumes(recipe))


def root_of(recipe: Recipe) -> Content:
    """What is mounted at /. Raises RecipeError if nothing is."""
    for content in contents(recipe):
        if content.mount_point == "/":
            return content
    raise RecipeError("no partition is mounted at /", hint="part / --size=2048 --grow")


def mount_points(recipe: Recipe) -> tuple[str, ...]:
    """Where something is mounted."""
    return tuple(content.mount_point for content in contents(recipe) if content.mount_point)


def early(recipe: Recipe) -> tuple[Content, ...]:
    """What an initramfs mounts or resumes from, before anything of the system itself runs."""
    return tuple(
        content
        for content in contents(recipe)
        if content.mount_point in EARLY or content.volume.hibernation
    )


def opens_late(recipe: Recipe) -> bool:
    """Whether there are containers that no initramfs opens."""
    opened = {one.uuid for content in early(recipe) for one in content.containers}
    return any(one.uuid not in opened for content in contents(recipe) for one in content.containers)


def kinds(some: Iterable[Content]) -> frozenset[str]:
    """What a system must know to use them: filesystems by their names, lvm, luks."""
    return frozenset(
        kind
        for content in some
        for kind in (
            content.volume.filesystem,
            *((LVM,) if content.logical else ()),
            *((LUKS,) if content.containers else ()),
        )
    )


def filesystem_uuid(recipe: Recipe, volume: Volume) -> str:
    """The identity of what is on *volume*, a partition; swap spaces are told apart by their
    number."""
    alike = [
        other for other in recipe.volumes if (other.disk, other.name) == (volume.disk, volume.name)
    ]
    number = alike.index(volume) if volume in alike else 0
    about = (volume.disk, volume.name, *((str(number + 1),) if number else ()))
    return stable_uuid(recipe.name, "filesystem", *about)


def container(recipe: str, volume: Volume, *about: str) -> tuple[Container, ...]:
    """The container around *volume*, called after *about*; none if it is not encrypted."""
    if volume.encryption is None:
        return ()
    return (Container(stable_uuid(recipe, "container", *about), volume.encryption, volume),)


def around(recipe: Recipe, volume: Volume) -> tuple[Container, ...]:
    """The container around what is on the partition *volume*."""
    return container(recipe.name, volume, volume.disk, volume.name)


def logical_uuid(recipe: Recipe, group: str, name: str) -> str:
    """The identity of the filesystem on a logical volume."""
    return stable_uuid(recipe.name, "filesystem", group, name)


def partition_called(recipe: Recipe, member: str) -> Volume | None:
    """The partition that `volgroup` and `btrfs` lines call *member*."""
    return next((volume for volume in recipe.volumes if volume.member == member), None)


def _partitions(recipe: Recipe) -> Iterator[Content]:
    for volume in recipe.volumes:
        if volume.filesystem not in BARE and not (volume.filesystem == "btrfs" and volume.member):
            yield Content(
                volume, filesystem_uuid(recipe, volume), containers=around(recipe, volume)
            )


def _logical(recipe: Recipe) -> Iterator[Content]:
    for group in recipe.volume_groups:
        held = [volume for volume in recipe.volumes if volume.member in group.members]
        outer = tuple(one for volume in held for one in around(recipe, volume))
        for item in group.volumes:
            own = container(recipe.name, item.volume, group.name, item.name)
            yield Content(
                item.volume,
                logical_uuid(recipe, group.name, item.name),
                logical=f"{group.name}/{item.name}",
                containers=(*outer, *own),
            )


def _subvolumes(recipe: Recipe) -> Iterator[Content]:
    for item in recipe.btrfs:
        partition = _partition(recipe, item)
        uuid, outer = filesystem_uuid(recipe, partition), around(recipe, partition)
        if item.mount_point:
            top = replace(partition, mount_point=item.mount_point, mount_options=item.mount_options)
            yield Content(top, uuid, containers=outer)
        for part in item.subvolumes:
            options = part.mount_options or item.mount_options
            volume = replace(partition, mount_point=part.mount_point, mount_options=options)
            yield Content(volume, uuid, subvolume=part.name, containers=outer)


def _partition(recipe: Recipe, item: BtrfsVolume) -> Volume:
    found = partition_called(recipe, item.member)
    if found is None:
        raise RecipeError(
            f"no partition is called {item.member}",
            where=item.where,
            hint=f"part {item.member} --size=2048",
        )
    return found
