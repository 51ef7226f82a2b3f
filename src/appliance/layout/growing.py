"""A filesystem that grows at boot to the disk that it finds, with the partition that holds it.

Facts: systemd.mount(5), x-systemd.growfs; systemd-growfs(8); repart.d(5).
"""

from dataclasses import dataclass

from appliance.errors import RecipeError
from appliance.filesystem_facts import facts
from appliance.layout.contents import Content, contents, root_of
from appliance.layout.place import MOST_DOS_PARTITIONS, numbers, type_id
from appliance.layout.storage import Disk, Storage

OPTION = "x-systemd.growfs"


@dataclass(frozen=True)
class Growth:
    """A partition that grows at boot, and the filesystem in it.

    *number*: the partition's number on its disk.
    *table*: the disk's kind of partition table: gpt or dos.
    *mount_point*: where the filesystem is mounted.
    *types*: the type of the partition, once for itself and once for each partition before it that
        has the same type: systemd-repart tells them apart by their order.
    """

    number: int
    table: str
    mount_point: str
    types: tuple[str, ...]


def growth(storage: Storage, architecture: str) -> Growth | None:
    """Return what grows at boot; None if nothing asks for it, or what does cannot."""
    for content in contents(storage):
        disk = content.node.owner
        if OPTION not in content.mount_options.split(",") or hindrance(content):
            continue
        if isinstance(disk, Disk):
            return _growth(disk, content.mount_point, architecture)
    return None


def check_growing_root(storage: Storage) -> None:
    """Raise RecipeError if the root could not grow at boot."""
    root = root_of(storage)
    if problem := hindrance(root):
        raise RecipeError(
            f"/ cannot grow at boot: {problem}",
            where=root.where,
            hint="part / --grow, the last one on its disk; or leave out --grow-root",
        )


def hindrance(content: Content) -> str:
    """Why *content* cannot grow; empty if it can."""
    disk = content.node.owner
    if not isinstance(disk, Disk):
        return "it is on a logical volume"
    if content.containers:
        return "it is encrypted"
    if not facts(content.held.kind).grows:
        return f"{content.held.kind} does not grow while it is mounted"
    if content.node.place != disk.partitions[-1]:
        return "it is not in the last partition of its disk"
    if disk.table == "dos" and len(disk.partitions) > MOST_DOS_PARTITIONS:
        return "it is in a logical partition of an MBR"
    return ""


def _growth(disk: Disk, mount_point: str, architecture: str) -> Growth:
    """The growth of the last partition of *disk*."""
    types = [type_id(one, table=disk.table, architecture=architecture) for one in disk.partitions]
    return Growth(
        number=numbers(disk)[-1],
        table=disk.table,
        mount_point=mount_point,
        types=tuple(kind for kind in types if kind == types[-1]),
    )
