"""Give partitions their places."""

from collections.abc import Sequence

from appliance.errors import RecipeError
from appliance.layout.model import DiskLayout, Slot
from appliance.recipe.volumes import Volume
from appliance.units import MIB, align_up, show

GRAIN = MIB  # every partition starts and ends on a whole MiB, as sfdisk and parted do
TABLE_SPACE = MIB  # kept free at both ends for the partition table and its GPT copy
MOST_DOS_PARTITIONS = 4
SMALLEST = {"biosboot": MIB, "efi": 64 * MIB, "vfat": 64 * MIB, "ext4": 16 * MIB, "swap": MIB}

# Partition types: UEFI specification 5.3.3 and the Discoverable Partitions Specification; for
# dos, the list that `sfdisk --list-types` prints.
TYPES = {
    "gpt": {
        "biosboot": "21686148-6449-6E6F-744E-656564454649",
        "efi": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
        "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
        "/": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
        "vfat": "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
        "": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    },
    "dos": {"efi": "ef", "swap": "82", "vfat": "c", "": "83"},
}


def disks(volumes: Sequence[Volume]) -> tuple[str, ...]:
    """Name the disks, in the order in which the recipe mentions them."""
    return tuple(dict.fromkeys(volume.disk for volume in volumes))


def place(
    name: str, volumes: Sequence[Volume], *, table: str, disk_size: int | None = None
) -> DiskLayout:
    """Lay *volumes* on the disk called *name*, in the order given.

    Sizes are bytes. Each volume is rounded up to whole MiB. With no *disk_size* the disk is just
    large enough; with one, space left over is shared by the volumes that `grow`, in proportion
    to their sizes and up to their maximum, the first of them taking the remainder.

    Raises RecipeError if a `dos` table gets more than four partitions or a BIOS boot partition,
    or if *disk_size* is too small.
    """
    _check_table(volumes, table)
    sizes = [align_up(max(volume.size, _least(volume)), GRAIN) for volume in volumes]
    needed = TABLE_SPACE + sum(sizes) + TABLE_SPACE
    disk_size = needed if disk_size is None else disk_size // GRAIN * GRAIN
    if disk_size < needed:
        raise RecipeError(
            f"the partitions of {name} need {show(needed)}, the disk has {show(disk_size)}",
            where=volumes[-1].where,
            hint=f"--disk-size {-(-needed // MIB)}MiB, or smaller partitions",
        )
    _share(volumes, sizes, disk_size - needed)
    slots, start = [], TABLE_SPACE
    for number, (volume, size) in enumerate(zip(volumes, sizes, strict=True), start=1):
        slots.append(Slot(number, start, size, _type_id(volume, table), volume))
        start += size
    return DiskLayout(name, table, disk_size, tuple(slots))


def _least(volume: Volume) -> int:
    """A volume that only grows starts at the least that its filesystem can be."""
    return 0 if volume.size else SMALLEST.get(volume.filesystem, MIB)


def _share(volumes: Sequence[Volume], sizes: list[int], spare: int) -> None:
    """Hand *spare* bytes to the volumes that grow, changing *sizes*."""
    growing = [index for index, volume in enumerate(volumes) if volume.grow]
    while growing and spare:
        wanted = sum(sizes[index] for index in growing)
        shares = [spare // GRAIN * sizes[index] // wanted * GRAIN for index in growing]
        shares[0] += spare - sum(shares)
        full = []
        for index, share in zip(growing, shares, strict=True):
            maximum = align_up(volumes[index].maximum, GRAIN)
            room = max(maximum - sizes[index], 0) if maximum else share
            sizes[index] += min(share, room)
            spare -= min(share, room)
            if share > room:
                full.append(index)
        if not full:
            return
        growing = [index for index in growing if index not in full]


def _check_table(volumes: Sequence[Volume], table: str) -> None:
    if table != "dos":
        return
    for volume in volumes:
        if volume.filesystem == "biosboot":
            raise RecipeError(
                "a BIOS boot partition belongs on a GPT disk",
                where=volume.where,
                hint="leave it out, or clearpart --all --initlabel --disklabel=gpt",
            )
    if len(volumes) > MOST_DOS_PARTITIONS:
        raise RecipeError(
            f"an MBR disk holds four partitions, this one has {len(volumes)}",
            where=volumes[MOST_DOS_PARTITIONS].where,
            hint="clearpart --all --initlabel --disklabel=gpt",
        )


def _type_id(volume: Volume, table: str) -> str:
    types = TYPES[table]
    return types.get(volume.mount_point or volume.filesystem) or types.get(
        volume.filesystem, types[""]
    )
