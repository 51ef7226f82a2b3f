"""A filesystem that grows at boot to the disk that it finds, with the partition that holds it.

Facts: systemd.mount(5), x-systemd.growfs; systemd-growfs(8); repart.d(5).
"""

from dataclasses import dataclass, replace

from appliance.errors import RecipeError
from appliance.layout.contents import Content, contents, root_of
from appliance.layout.place import MOST_DOS_PARTITIONS, type_id
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BtrfsVolume, Volume

OPTION = "x-systemd.growfs"
KINDS = ("ext3", "ext4", "xfs", "btrfs")  # that a kernel grows while they are mounted


@dataclass(frozen=True)
class Growth:
    """What is to grow: the partition *number* of a disk with a *table* (gpt, dos), and what is
    mounted from it at *mount_point*. *types* are those of the partitions before it and its own, in
    order, where they are the same."""

    number: int
    table: str
    mount_point: str
    types: tuple[str, ...]


def growth(recipe: Recipe, architecture: str) -> Growth | None:
    """Return what grows at boot; None if nothing asks for it, or what does cannot."""
    for content in contents(recipe):
        if OPTION in content.volume.mount_options.split(",") and not _hindrance(recipe, content):
            return _growth(recipe, content, architecture)
    return None


def with_growing_root(recipe: Recipe) -> Recipe:
    """Return *recipe* with a root that grows at boot. Raises RecipeError if it could not."""
    root = root_of(recipe)
    if problem := _hindrance(recipe, root):
        raise RecipeError(
            f"/ cannot grow at boot: {problem}",
            where=root.volume.where,
            hint="part / --grow, the last one on its disk; or leave out --grow-root",
        )
    return replace(
        recipe,
        volumes=tuple(
            _growing(volume) if volume.mount_point == "/" else volume for volume in recipe.volumes
        ),
        btrfs=tuple(_with_growing_top(item) for item in recipe.btrfs),
    )


def _hindrance(recipe: Recipe, content: Content) -> str:
    """Why *content* cannot grow; empty if it can."""
    volume = content.volume
    beside = _beside(recipe, volume)
    if content.logical:
        return "it is on a logical volume"
    if content.containers:
        return "it is encrypted"
    if volume.filesystem not in KINDS:
        return f"{volume.filesystem} does not grow while it is mounted"
    if not _same(beside[-1], volume):
        return "it is not in the last partition of its disk"
    if recipe.table == "dos" and len(beside) > MOST_DOS_PARTITIONS:
        return "it is in a logical partition of an MBR"
    return ""


def _growth(recipe: Recipe, content: Content, architecture: str) -> Growth:
    beside = _beside(recipe, content.volume)
    types = [one.kind or type_id(one, recipe.table, architecture) for one in beside]
    return Growth(
        number=len(beside),
        table=recipe.table,
        mount_point=content.mount_point,
        types=tuple(kind for kind in types if kind == types[-1]),
    )


def _beside(recipe: Recipe, volume: Volume) -> list[Volume]:
    """All partitions of the disk that *volume* is on."""
    return [other for other in recipe.volumes if other.disk == volume.disk]


def _same(partition: Volume, volume: Volume) -> bool:
    """Whether *volume* is what is on that partition: subvolumes have their own mount points."""
    if partition.member and partition.member == volume.member:
        return True
    return (partition.mount_point, partition.where) == (volume.mount_point, volume.where)


def _growing(volume: Volume) -> Volume:
    return replace(volume, mount_options=_with_option(volume.mount_options))


def _with_growing_top(item: BtrfsVolume) -> BtrfsVolume:
    """The same volume; its options are those of the top level, and of subvolumes without any."""
    own = item.mount_options
    top = _with_option(own) if item.mount_point == "/" else own
    parts = tuple(
        replace(one, mount_options=_with_option(one.mount_options or own))
        if one.mount_point == "/"
        else replace(one, mount_options=one.mount_options or own)
        for one in item.subvolumes
    )
    return replace(item, mount_options=top, subvolumes=parts)


def _with_option(options: str) -> str:
    listed = [word for word in options.split(",") if word] or ["defaults"]
    return ",".join([*listed, *([] if OPTION in listed else [OPTION])])
