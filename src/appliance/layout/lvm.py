"""A volume group, before it exists: which logical volume lies where, and what LVM reads of it.

Physical volumes start with a label, and metadata as text; logical volumes are runs of extents.
So a group needs no device mapper and no mount, and is the same each time.

Facts: lvm2's lib/label/label.h and lib/format_text/layout.h; lvmsystemid(7), vgcfgbackup(8).
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.errors import RecipeError
from appliance.layout.place import smallest_of
from appliance.layout.share import Growing, share
from appliance.layout.storage import LogicalVolume, VolumeGroup
from appliance.units import MIB, SECTOR, align_up, show

DATA_START = MIB  # of a physical volume: before it are the label and the metadata
METADATA = 4096  # where the metadata area starts
GROUPS = (6, 4, 4, 4, 4, 4, 6)  # of the letters of an id, as people see them
CRC_START = 0xF597A6CF
MAGIC = b" LVM2 x[5A%r0N*>"
USED = 1  # PV_EXT_USED


@dataclass(frozen=True)
class Device:
    """One physical volume of a group.

    *uuid*: its UUID, as LVM spells it.
    *size*: its size in bytes.
    *extents*: how many extents of it are for data.
    """

    uuid: str
    size: int
    extents: int


@dataclass(frozen=True)
class Run:
    """One logical volume, in one piece.

    *name*: the logical volume's name.
    *uuid*: its UUID, as LVM spells it.
    *device*: which of the group's physical volumes it lies on, from 0.
    *first*: the first of its extents there.
    *extents*: how many extents it has.
    """

    name: str
    uuid: str
    device: int
    first: int
    extents: int


@dataclass(frozen=True)
class PhysicalGroup:
    """A volume group with all that its metadata says; *extent_size* is bytes."""

    name: str
    uuid: str
    extent_size: int
    devices: tuple[Device, ...]
    runs: tuple[Run, ...]

    def place(self, run: Run) -> tuple[int, int]:
        """Where *run* is in its device: start and size, in bytes."""
        return DATA_START + run.first * self.extent_size, run.extents * self.extent_size


def least(group: VolumeGroup) -> int:
    """The bytes that one physical volume must have to hold all of *group*, nothing grown."""
    unit = group.extent_size
    sizes = (
        align_up(smallest_of(item.holds), unit) // unit if item.percent else extents_of(item, unit)
        for item in group.volumes
    )
    return DATA_START + (sum(sizes) + _reserved(group, 0)) * unit


def lay_out(group: VolumeGroup, sizes: Sequence[int]) -> PhysicalGroup:
    """Place the logical volumes of *group* on devices of these *sizes*, in bytes.

    Sizes are rounded up to whole extents. What is left when those with a size have it is given
    out in percent to those that ask for that; what then is left is shared by those that grow, in
    proportion to their sizes and up to their maximum. Each lies on one device, in one piece.

    Raises RecipeError if they do not fit.
    """
    unit = group.extent_size
    counts = [max(size - DATA_START, 0) // unit for size in sizes]
    total = sum(counts) - _reserved(group, sum(counts))
    extents = [extents_of(item, unit) for item in group.volumes]
    _check(group, sum(extents), total)
    free = total - sum(extents)
    for index, item in enumerate(group.volumes):
        extents[index] += free * item.percent // 100
    if any(extents[index] == 0 for index in range(len(extents))):
        _check(group, sum(extents) + 1, total)
    growing = [
        Growing(extents[index], extents[index], -(-item.maximum // unit), item.grow)
        for index, item in enumerate(group.volumes)
    ]
    wanted = share(growing, total - sum(extents))
    return PhysicalGroup(
        name=group.name,
        uuid=group.uuid,
        extent_size=unit,
        devices=tuple(
            Device(uuid, size, count)
            for uuid, size, count in zip(group.physical_volumes, sizes, counts, strict=True)
        ),
        runs=_runs(group, wanted, counts),
    )


def extents_of(item: LogicalVolume, unit: int) -> int:
    """How many extents of *unit* bytes a logical volume has before anything grows."""
    if item.percent:
        return 0
    return align_up(item.size or smallest_of(item.holds), unit) // unit


def _reserved(group: VolumeGroup, total: int) -> int:
    """Extents that stay free, of *total* (what is said in percent counts only of that)."""
    return -(-group.reserved // group.extent_size) + total * group.reserved_percent // 100


def _check(group: VolumeGroup, needed: int, total: int) -> None:
    if needed > total:
        unit = group.extent_size
        raise RecipeError(
            f"the logical volumes of {group.name} need {_exact(needed * unit)}, "
            f"the group has {_exact(max(total, 0) * unit)}",
            where=group.where,
            hint=f"{_exact((needed - max(total, 0)) * unit)} more in a pv. partition, which keeps "
            "1 MiB for itself, or smaller logical volumes",
        )


def _exact(size: int) -> str:
    """Bytes in the MiB that a kickstart would say, not rounded."""
    return f"{size / MIB:.10g} MiB"


def _runs(group: VolumeGroup, extents: Sequence[int], counts: Sequence[int]) -> tuple[Run, ...]:
    taken = [0] * len(counts)
    runs = []
    for item, wanted in zip(group.volumes, extents, strict=True):
        room = [index for index, count in enumerate(counts) if count - taken[index] >= wanted]
        if not room:
            raise RecipeError(
                f"no physical volume of {group.name} has "
                f"{show(wanted * group.extent_size)} in one piece for {item.name}",
                where=item.where,
                hint="one larger pv. partition instead of several",
            )
        runs.append(Run(item.name, item.uuid, room[0], taken[room[0]], wanted))
        taken[room[0]] += wanted
    return tuple(runs)


def shown(identity: str) -> str:
    """An id as LVM's programs and udev show it: with dashes."""
    parts, start = [], 0
    for length in GROUPS:
        parts.append(identity[start : start + length])
        start += length
    return "-".join(parts)


def header(group: PhysicalGroup, number: int, clock: int) -> bytes:
    """Return the first MiB of the physical volume *number*; *clock* is when the group was created,
    in seconds since 1970."""
    text = metadata(group, clock).encode() + b"\0"
    label = _label(group.devices[number])
    area = _area(text)
    whole = bytearray(DATA_START)
    whole[SECTOR : SECTOR + len(label)] = label
    whole[METADATA : METADATA + len(area)] = area
    return bytes(whole)


def _label(device: Device) -> bytes:
    """The second sector: a label_header and a pv_header, with its lists of areas."""
    data = struct.pack("<QQQQ", DATA_START, 0, 0, 0)  # to the end of the device
    areas = struct.pack("<QQQQ", METADATA, DATA_START - METADATA, 0, 0)
    extension = struct.pack("<IIQQ", 2, USED, 0, 0)
    header = device.uuid.encode() + struct.pack("<Q", device.size) + data + areas + extension
    rest = (struct.pack("<I8s", 32, b"LVM2 001") + header).ljust(SECTOR - 20, b"\0")
    return struct.pack("<8sQI", b"LABELONE", 1, crc(rest)) + rest


def _area(text: bytes) -> bytes:
    """An mda_header of one sector, and the text in the next."""
    where = struct.pack("<QQII", SECTOR, len(text), crc(text), 0)
    rest = struct.pack("<16sIQQ", MAGIC, 1, METADATA, DATA_START - METADATA) + where
    rest = rest.ljust(SECTOR - 4, b"\0")
    return struct.pack("<I", crc(rest)) + rest + text


def crc(data: bytes) -> int:
    """LVM's checksum: CRC-32 from a start of its own, not inverted."""
    return zlib.crc32(data, CRC_START ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def metadata(group: PhysicalGroup, clock: int) -> str:
    """What LVM keeps of a group, in its own words."""
    lines = [
        f"{group.name} {{",
        f'id = "{shown(group.uuid)}"',
        "seqno = 1",
        'format = "lvm2"',
        'status = ["RESIZEABLE", "READ", "WRITE"]',
        "flags = []",
        f"extent_size = {group.extent_size // SECTOR}",
        "max_lv = 0",
        "max_pv = 0",
        "metadata_copies = 0",
        "physical_volumes {",
        *(line for number, device in enumerate(group.devices) for line in _device(number, device)),
        "}",
        "logical_volumes {",
        *(line for run in group.runs for line in _run(run, clock)),
        "}",
        "}",
        'contents = "Text Format Volume Group"',
        "version = 1",
        'description = ""',
        'creation_host = "localhost"',
        f"creation_time = {clock}",
        "",
    ]
    return "\n".join(lines)


def _device(number: int, device: Device) -> list[str]:
    return [
        f"pv{number} {{",
        f'id = "{shown(device.uuid)}"',
        f'device = "/dev/pv{number}"',
        'status = ["ALLOCATABLE"]',
        "flags = []",
        f"dev_size = {device.size // SECTOR}",
        f"pe_start = {DATA_START // SECTOR}",
        f"pe_count = {device.extents}",
        "}",
    ]


def _run(run: Run, clock: int) -> list[str]:
    return [
        f"{run.name} {{",
        f'id = "{shown(run.uuid)}"',
        'status = ["READ", "WRITE", "VISIBLE"]',
        "flags = []",
        f"creation_time = {clock}",
        'creation_host = "localhost"',
        "segment_count = 1",
        "segment1 {",
        "start_extent = 0",
        f"extent_count = {run.extents}",
        'type = "striped"',
        "stripe_count = 1",
        "stripes = [",
        f'"pv{run.device}", {run.first}',
        "]",
        "}",
        "}",
    ]
