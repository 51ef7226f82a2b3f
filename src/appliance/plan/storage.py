"""What is to be on each disk: partitions, volume groups, filesystems, and how each is filled."""

from collections.abc import Mapping

from appliance.backends import encryption, filesystems
from appliance.backends.filesystems.model import options_checked
from appliance.errors import RecipeError
from appliance.layout import identity, lvm
from appliance.layout.areas import Area, Encrypted, Physical, Shown
from appliance.layout.contents import (
    Container,
    around,
    container,
    filesystem_uuid,
    logical_uuid,
    mount_points,
)
from appliance.layout.model import DiskLayout, Slot
from appliance.layout.place import CONTAINER, EXTENDED, disks, place
from appliance.recipe.model import Recipe
from appliance.recipe.volumes import BtrfsVolume, LogicalVolume, Volume, VolumeGroup
from appliance.steps.assemble_disk import Piece

WITHOUT = ("biosboot", "prepboot", "lvm", EXTENDED)  # partitions that are no filesystem


def lay_out(recipe: Recipe, *, disk_size: int | None, architecture: str) -> tuple[DiskLayout, ...]:
    """Every disk that the recipe mentions; *disk_size*, in bytes, is the first one's."""
    return tuple(
        place(
            name,
            [volume for volume in recipe.volumes if volume.disk == name],
            table=recipe.table,
            disk_size=disk_size if number == 0 else None,
            least=_least(recipe),
            architecture=architecture,
        )
        for number, name in enumerate(disks(recipe.volumes))
    )


def _least(recipe: Recipe) -> dict[str, int]:
    """The bytes that members of groups need for what is on them: the first one all of it."""
    return {group.members[0]: lvm.least(group) for group in recipe.volume_groups}


def storage_tools(recipe: Recipe) -> tuple[str, ...]:
    """The programs that make everything on the disks of *recipe*."""
    kinds = {volume.filesystem for volume in recipe.volumes}
    kinds |= {item.volume.filesystem for group in recipe.volume_groups for item in group.volumes}
    tools = {tool for kind in kinds - set(WITHOUT) for tool in tools_of(kind)}
    volumes = [*recipe.volumes, *(i.volume for g in recipe.volume_groups for i in g.volumes)]
    if any(volume.encryption for volume in volumes):
        tools.update(encryption.find().tools)
    return tuple(sorted(tools))


def tools_of(filesystem: str) -> tuple[str, ...]:
    """The programs that make one filesystem; none for one that is not known."""
    known = filesystems.KNOWN.get(filesystem)
    return known.tools if known else ()


class Storage:
    """The disks of one recipe, laid out; *versions* is what each tool says of its version;
    *fitted*: what grows is to be as small as what is in it allows."""

    def __init__(
        self,
        recipe: Recipe,
        layouts: tuple[DiskLayout, ...],
        versions: Mapping[str, str],
        *,
        fitted: bool = False,
    ) -> None:
        self.recipe, self.layouts, self.versions = recipe, layouts, versions
        self.fitted = fitted
        self.mount_points = mount_points(recipe)
        self.sizes = {
            slot.volume.member: _inside(slot.size, slot.volume)
            for layout in layouts
            for slot in layout.slots
            if slot.volume.member
        }
        self.groups = {group.name: self._laid_out(group) for group in recipe.volume_groups}

    def _laid_out(self, group: VolumeGroup) -> lvm.PhysicalGroup:
        missing = [member for member in group.members if member not in self.sizes]
        if missing:
            raise RecipeError(
                f"no partition is called {missing[0]}",
                where=group.where,
                hint=f"part {missing[0]} --size=2048",
            )
        return lvm.lay_out(
            self.recipe.name, group, [self.sizes[member] for member in group.members]
        )

    def pieces(self, layout: DiskLayout) -> tuple[Piece, ...]:
        """The partitions of one disk, in disk order."""
        return tuple(
            Piece(
                slot.number,
                slot.type_id,
                identity.stable_uuid(
                    self.recipe.name, "partition", slot.volume.disk, str(slot.number)
                ),
                self.area(slot),
            )
            for slot in layout.slots
        )

    def area(self, slot: Slot) -> Area:
        """What is in one partition."""
        volume = slot.volume
        group = next((g for g in self.recipe.volume_groups if volume.member in g.members), None)
        btrfs = next((b for b in self.recipe.btrfs if b.member == volume.member), None)
        return self._area(
            volume,
            slot.start,
            slot.size,
            uuid=filesystem_uuid(self.recipe, volume),
            containers=around(self.recipe, volume),
            physical=self._physical(group, volume) if group and volume.member else None,
            btrfs=btrfs if volume.member else None,
            grows=volume.grow,
        )

    def _physical(self, group: VolumeGroup, volume: Volume) -> Physical:
        laid_out, number = self.groups[group.name], group.members.index(volume.member)
        areas = tuple(
            self._logical(laid_out, group, item, run)
            for item, run in zip(group.volumes, laid_out.runs, strict=True)
            if run.device == number
        )
        return Physical(laid_out, number, areas)

    def _logical(
        self, laid_out: lvm.PhysicalGroup, group: VolumeGroup, item: LogicalVolume, run: lvm.Run
    ) -> Area:
        start, size = laid_out.place(run)
        return self._area(
            item.volume,
            start,
            size,
            uuid=logical_uuid(self.recipe, group.name, item.name),
            containers=container(self.recipe.name, item.volume, group.name, item.name),
            grows=item.volume.grow or bool(item.percent),
        )

    def _area(
        self,
        volume: Volume,
        start: int,
        size: int,
        *,
        uuid: str,
        containers: tuple[Container, ...],
        physical: Physical | None = None,
        btrfs: BtrfsVolume | None = None,
        grows: bool,
    ) -> Area:
        filesystem = "" if volume.filesystem in WITHOUT else volume.filesystem
        options = btrfs.make_options if btrfs and btrfs.make_options else volume.make_options
        mount_point = btrfs.mount_point if btrfs else volume.mount_point
        subvolumes = self._subvolumes(btrfs) if btrfs else ()
        return Area(
            start=start,
            size=size,
            filesystem=filesystem,
            uuid=uuid if filesystem else "",
            mount_point=mount_point,
            hidden=self._below(mount_point),
            label=((btrfs.label if btrfs else "") or volume.label) if filesystem else "",
            options=options if filesystem else "",
            where=volume.where,
            mount_options=((btrfs.mount_options if btrfs else "") or volume.mount_options)
            if filesystem
            else "",
            subvolumes=subvolumes,
            way=self._way(filesystem, options, volume, subvolumes=bool(subvolumes)),
            physical=physical,
            encryption=_encrypted(containers[0]) if containers else None,
            fitted=self.fitted and grows and (physical is not None or bool(filesystem)),
        )

    def _way(self, filesystem: str, options: str, volume: Volume, *, subvolumes: bool) -> str:
        if not filesystem:
            return "mkfs"
        kind = filesystems.find(filesystem, volume.where)
        options_checked(options, kind.options, volume.where)
        return kind.way(self.versions, subvolumes=subvolumes)

    def _subvolumes(self, item: BtrfsVolume) -> tuple[Shown, ...]:
        return tuple(
            Shown(one.name, one.mount_point, self._below(one.mount_point))
            for one in item.subvolumes
        )

    def _below(self, mount_point: str) -> tuple[str, ...]:
        """The mount points below one."""
        if not mount_point:
            return ()
        start = mount_point.rstrip("/") + "/"
        return tuple(
            sorted(
                other
                for other in self.mount_points
                if other != mount_point and other.startswith(start)
            )
        )


def _inside(size: int, volume: Volume) -> int:
    return size - CONTAINER if volume.encryption else size


def _encrypted(one: Container) -> Encrypted:
    said = one.encryption
    return Encrypted(
        uuid=one.uuid,
        name=one.name,
        source=said.source,
        cipher=said.cipher,
        derivation=said.derivation,
        memory=said.memory,
        time=said.time,
        iterations=said.iterations,
    )
