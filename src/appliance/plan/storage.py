"""What is to be on each disk: partitions, volume groups, filesystems, and how each is filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from appliance.backends import block_layers, filesystems
from appliance.backends.filesystems.model import check_label, check_size, options_checked
from appliance.errors import Where
from appliance.filesystem_facts import facts
from appliance.layout import areas, lvm
from appliance.layout.areas import Area, Physical, Shown
from appliance.layout.contents import mount_points
from appliance.layout.identity import partition_id
from appliance.layout.model import DiskLayout
from appliance.layout.place import overhead, place
from appliance.layout.storage import (
    Encrypted,
    Filesystem,
    Held,
    PhysicalVolume,
    Storage,
    Subvolume,
    Swap,
    opened,
    walk,
)
from appliance.steps.assemble_disk import Piece


def lay_out(storage: Storage, *, architecture: str, fitted: bool = False) -> tuple[DiskLayout, ...]:
    """Every disk, its partitions in their places; *fitted*: as small as they can be, whatever
    size a disk is to have."""
    least = {group.name: lvm.least(group) for group in storage.groups}
    return tuple(
        place(
            replace(disk, size=None, least=0) if fitted else disk,
            least=least,
            architecture=architecture,
        )
        for disk in storage.disks
    )


def storage_tools(storage: Storage) -> tuple[str, ...]:
    """The programs that make everything on the disks."""
    held = [node.held for node in walk(storage)]
    made = {each.kind for each in held if isinstance(each, Filesystem | Swap)}
    tools = {tool for kind in made for tool in tools_of(kind)}
    if any(isinstance(each, Encrypted) for each in held):
        tools.update(block_layers.find().tools)
    return tuple(sorted(tools))


def tools_of(filesystem: str) -> tuple[str, ...]:
    """The programs that make one filesystem; none for one that is not known."""
    known = filesystems.KNOWN.get(filesystem)
    return known.tools if known else ()


@dataclass(frozen=True)
class _Run:
    """A run of bytes, as in Area.

    *start*: its first byte.
    *size*: the number of its bytes.
    *where*: the line of the kickstart that asks for it.
    *grows*: True if its size is not what somebody asked for.
    """

    start: int
    size: int
    where: Where
    grows: bool


class Pieces:
    """Says what to write on disks that are laid out.

    *name*: the recipe's name, from which identities come.
    *storage*: everything that is stored on the disks.
    *layouts*: the disks with their partitions in their places.
    *versions*: what each tool says of its version.
    *fitted*: True if what grows is to be as small as its content allows.
    """

    def __init__(
        self,
        name: str,
        storage: Storage,
        layouts: Sequence[DiskLayout],
        *,
        versions: Mapping[str, str],
        fitted: bool = False,
    ) -> None:
        self.name, self.storage, self.versions, self.fitted = name, storage, versions, fitted
        self.mount_points = mount_points(storage)
        sizes = _physical_sizes(layouts)
        self.groups = {
            group.name: lvm.lay_out(
                group, [sizes[group.name, number] for number in range(len(group.physical_volumes))]
            )
            for group in storage.groups
        }
        self.logical = {group.name: group.volumes for group in storage.groups}

    def on(self, layout: DiskLayout) -> tuple[Piece, ...]:
        """The partitions of one disk, in disk order.

        Raises RecipeError for options that the program which makes a filesystem does not have.
        """
        return tuple(
            Piece(
                number=slot.number,
                type_id=slot.type_id,
                identity=partition_id(self.name, layout.name, slot.number),
                area=self._area(
                    _Run(slot.start, slot.size, slot.partition.where, slot.partition.grow),
                    slot.partition.holds,
                ),
            )
            for slot in layout.slots
        )

    def _area(self, run: _Run, held: Held) -> Area:
        """What is in a run of bytes, with the container around it."""
        if isinstance(held, Encrypted):
            return replace(self._area(run, held.holds), encryption=_encrypted(held))
        area = Area(run.start, run.size, "", "", "", (), "", "", run.where)
        if isinstance(held, PhysicalVolume):
            area = replace(area, physical=self._physical(held))
        elif isinstance(held, Filesystem | Swap):
            area = self._filled(area, held)
        else:
            return area
        return replace(area, fitted=self.fitted and run.grows)

    def _filled(self, blank: Area, held: Filesystem | Swap) -> Area:
        """The area of a filesystem or a swap space."""
        kind = filesystems.find(held.kind, blank.where)
        options_checked(held.make_options, kind.options, blank.where)
        mount_point = held.mount_point if isinstance(held, Filesystem) else ""
        subvolumes = held.subvolumes if isinstance(held, Filesystem) else ()
        made = replace(
            blank,
            filesystem=held.kind,
            uuid=held.uuid,
            mount_point=mount_point,
            hidden=self._below(mount_point),
            label=held.label,
            options=held.make_options,
            mount_options=held.mount_options,
            subvolumes=tuple(self._shown(one) for one in subvolumes),
            way=kind.way(self.versions, subvolumes=bool(subvolumes)),
        )
        check_label(made, facts(held.kind).label)
        if facts(held.kind).needs_smallest:
            check_size(made, facts(held.kind))
        return made

    def _physical(self, held: PhysicalVolume) -> Physical:
        """A physical volume with the logical ones that lie on it."""
        group = self.groups[held.group]
        inside = []
        for item, run in zip(self.logical[held.group], group.runs, strict=True):
            if run.device == held.number:
                grows = item.grow or bool(item.percent)
                inside.append(self._area(_Run(*group.place(run), item.where, grows), item.holds))
        return Physical(group, held.number, tuple(inside))

    def _shown(self, one: Subvolume) -> Shown:
        return Shown(one.name, one.mount_point, self._below(one.mount_point))

    def _below(self, mount_point: str) -> tuple[str, ...]:
        """Return the mount points below *mount_point*."""
        if not mount_point:
            return ()
        start = mount_point.rstrip("/") + "/"
        others = (other for other in self.mount_points if other != mount_point)
        return tuple(sorted(other for other in others if other.startswith(start)))


def _physical_sizes(layouts: Sequence[DiskLayout]) -> dict[tuple[str, int], int]:
    """The bytes of each physical volume, inside its container, by its group and number."""
    found = {}
    for slot in (slot for layout in layouts for slot in layout.slots):
        held = opened(slot.partition.holds)
        if isinstance(held, PhysicalVolume):
            found[held.group, held.number] = slot.size - overhead(slot.partition.holds)
    return found


def _encrypted(one: Encrypted) -> areas.Encrypted:
    said = one.encryption
    return areas.Encrypted(
        uuid=one.uuid,
        name=one.name,
        source=said.source,
        cipher=said.cipher,
        derivation=said.derivation,
        memory=said.memory,
        time=said.time,
        iterations=said.iterations,
    )
