"""Join what the lines of a kickstart say: partitions, volume groups and btrfs volumes, which know
each other by name there (pv.01, btrfs.01), become one tree."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from appliance.errors import RecipeError, Where
from appliance.filesystem_facts import BARE
from appliance.layout.identity import lvm_id, partuuid, stable_uuid
from appliance.layout.place import numbers
from appliance.layout.storage import (
    Bare,
    Disk,
    Encrypted,
    Filesystem,
    Held,
    LogicalVolume,
    Opened,
    Partition,
    PhysicalVolume,
    Storage,
    Subvolume,
    Swap,
    VolumeGroup,
)
from appliance.recipe import volumes as said
from appliance.recipe.model import Recipe


def join(
    recipe: Recipe,
    *,
    sizes: Mapping[str, int] | None = None,
    least: Mapping[str, int] | None = None,
    options: Mapping[str, str] | None = None,
) -> Storage:
    """Return the tree of what *recipe* says, in which every volume has its filesystem and size.

    *sizes* are bytes of whole disks, by their names, and *least* those of disks that are as large
    as they have to be, and at least that; *options* are added, by mount point, to the options with
    which something is mounted. UUIDs come from names, see stable_uuid().

    Raises RecipeError if a line names a partition that no line makes.
    """
    return _Joiner(recipe, options or {}).storage(sizes or {}, least or {})


@dataclass(frozen=True)
class _Joiner:
    """Joins the lines of one recipe; *options* are as for join()."""

    recipe: Recipe
    options: Mapping[str, str]

    def storage(self, sizes: Mapping[str, int], least: Mapping[str, int]) -> Storage:
        """Return the tree of the whole recipe; *sizes* and *least* are as for join().

        Raises RecipeError if a line names a partition that no line makes, or two lines name the
        same.
        """
        self._check()
        made: dict[str, list[Partition]] = {}
        for order, volume in enumerate(self.recipe.volumes):
            made.setdefault(volume.disk, []).append(self._partition(volume, order))
        return Storage(
            disks=tuple(
                self._known(
                    Disk(
                        name,
                        self.recipe.table,
                        tuple(partitions),
                        sizes.get(name),
                        least.get(name, 0),
                    )
                )
                for name, partitions in made.items()
            ),
            groups=tuple(self._group(group) for group in self.recipe.volume_groups),
            in_memory=self.recipe.in_memory,
        )

    def _known(self, disk: Disk) -> Disk:
        """Return *disk*, each partition with the name that the kernel will have for it."""
        partitions = (
            replace(one, partuuid=partuuid(self.recipe.name, disk.name, number, table=disk.table))
            for one, number in zip(disk.partitions, numbers(disk), strict=True)
        )
        return replace(disk, partitions=tuple(partitions))

    def _check(self) -> None:
        """Raise RecipeError for a member that is not there, or that two want."""
        there = {volume.member for volume in self.recipe.volumes}
        wanted: list[tuple[str, Where]] = [
            *((name, group.where) for group in self.recipe.volume_groups for name in group.members),
            *((item.member, item.where) for item in self.recipe.btrfs),
        ]
        taken: dict[str, Where] = {}
        for name, where in wanted:
            if name not in there:
                raise RecipeError(
                    f"no partition is called {name}", where=where, hint=f"part {name} --size=2048"
                )
            if name in taken:
                raise RecipeError(
                    f"the partition {name} is in use already: {taken[name]}",
                    where=where,
                    hint="a part line for each volume group and btrfs",
                )
            taken[name] = where

    def _partition(self, volume: said.Volume, order: int) -> Partition:
        about = (volume.disk, volume.name)
        before = [(other.disk, other.name) for other in self.recipe.volumes[:order]]
        number = (str(before.count(about) + 1),) if about in before else ()  # swap, swap
        uuid = stable_uuid(self.recipe.name, "filesystem", *about, *number)
        return Partition(
            where=volume.where,
            size=volume.size,
            holds=self._closed(volume, self._on_partition(volume, uuid), *about, *number),
            grow=volume.grow,
            maximum=volume.maximum,
            primary=volume.primary,
            type_id=volume.kind,
            order=order,
            number=volume.number,
            start=volume.start,
        )

    def _on_partition(self, volume: said.Volume, uuid: str) -> Opened:
        """Return what is on a partition, or in the container there."""
        for group in self.recipe.volume_groups:
            if volume.member and volume.member in group.members:
                return PhysicalVolume(group.name, group.members.index(volume.member))
        for item in self.recipe.btrfs:
            if volume.member and volume.member == item.member:
                return self._btrfs(volume, item, uuid)
        return self._plain(volume, uuid)

    def _plain(self, volume: said.Volume, uuid: str) -> Opened:
        if volume.filesystem in BARE:
            return Bare(volume.filesystem)
        if volume.filesystem == Swap.kind:
            return Swap(
                uuid=uuid,
                label=volume.label,
                mount_options=volume.mount_options,
                make_options=volume.make_options,
                hibernation=volume.hibernation,
            )
        return Filesystem(
            kind=volume.filesystem,
            uuid=uuid,
            mount_point=volume.mount_point,
            label=volume.label,
            mount_options=self._options(volume.mount_point, volume.mount_options),
            make_options=volume.make_options,
        )

    def _btrfs(self, volume: said.Volume, item: said.BtrfsVolume, uuid: str) -> Filesystem:
        own = item.mount_options or volume.mount_options
        return Filesystem(
            kind=volume.filesystem,
            uuid=uuid,
            mount_point=item.mount_point,
            label=item.label or volume.label,
            mount_options=self._options(item.mount_point, own),
            make_options=item.make_options or volume.make_options,
            subvolumes=tuple(
                Subvolume(
                    name=part.name,
                    mount_point=part.mount_point,
                    mount_options=self._options(part.mount_point, part.mount_options or own),
                )
                for part in item.subvolumes
            ),
        )

    def _group(self, group: said.VolumeGroup) -> VolumeGroup:
        name = self.recipe.name
        return VolumeGroup(
            name=group.name,
            uuid=lvm_id(name, "group", group.name),
            where=group.where,
            physical_volumes=tuple(
                lvm_id(name, "physical volume", member) for member in group.members
            ),
            volumes=tuple(self._logical(group, item) for item in group.volumes),
            extent_size=group.extent_size,
            reserved=group.reserved,
            reserved_percent=group.reserved_percent,
        )

    def _logical(self, group: said.VolumeGroup, item: said.LogicalVolume) -> LogicalVolume:
        volume, about = item.volume, (group.name, item.name)
        uuid = stable_uuid(self.recipe.name, "filesystem", *about)
        return LogicalVolume(
            name=item.name,
            uuid=lvm_id(self.recipe.name, "logical volume", *about),
            where=volume.where,
            size=volume.size,
            holds=self._closed(volume, self._plain(volume, uuid), *about),
            grow=volume.grow,
            maximum=volume.maximum,
            percent=item.percent,
        )

    def _closed(self, volume: said.Volume, inside: Opened, *about: str) -> Held:
        """*inside*, in the container around *volume* if that is to be encrypted."""
        if volume.encryption is None:
            return inside
        uuid = stable_uuid(self.recipe.name, "container", *about)
        return Encrypted(uuid, volume.encryption, inside)

    def _options(self, mount_point: str, own: str) -> str:
        """Options as a kickstart says them, with what is to be added."""
        added = self.options.get(mount_point, "")
        words = [word for word in own.split(",") if word] or ["defaults"]
        return own if not added or added in words else ",".join([*words, added])
