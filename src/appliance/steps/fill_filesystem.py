"""Make one filesystem with the files that it holds, as a file of its own."""

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from appliance.backends import boot_loaders, filesystems
from appliance.backends.filesystems.least_size import least
from appliance.backends.filesystems.model import Partition
from appliance.layout.areas import Area
from appliance.layout.fit import content_size, fitted_content_size
from appliance.layout.place import GRAIN
from appliance.steps.label_files import read_labels
from appliance.steps.room_for_kernels import advice
from appliance.work import Work
from appliance.work.results import BootCode, FilesystemImage, Labels, Layer, Result


@dataclass(frozen=True)
class FillFilesystem:
    """Make one filesystem, not encrypted; where on a disk it goes has no influence on its bytes.

    *name*: where it is mounted, or the partition or logical volume that it is on.
    *area*: what the filesystem is to be; if it is fitted, its file has the size that its content
        needs.
    *layers*: the layers of the root tree, whose files it holds.
    *tools*: the programs that make it, with their versions.
    *boot*: programs of boot loaders that firmware looks for in this filesystem.
    *labels*: the SELinux labels of the files, if the image has any.
    *marked*: whether the files of the tree get these labels first, because one of the appliance's
        filesystems copies them from there.
    *unit*: the number of bytes that a fitted filesystem, with its container, is a multiple of.
    *whole*: the size in bytes of the disk that it is on, for FAT, which notes that disk's heads
        and sectors; 0 for filesystems that do not.
    """

    version: ClassVar[int] = 2
    name: str
    area: Area
    layers: tuple[Layer, ...]
    tools: tuple[tuple[str, str], ...]
    boot: tuple[BootCode, ...] = ()
    labels: tuple[Labels, ...] = ()
    marked: bool = False
    unit: int = GRAIN
    whole: int = 0

    @property
    def takes(self) -> tuple[Result, ...]:
        """Every layer of the tree, the programs of boot loaders, and the labels."""
        return (*self.layers, *self.boot, *self.labels)

    @property
    def gives(self) -> FilesystemImage:
        """The filesystem, as a sparse file."""
        return FilesystemImage(self.name)

    @property
    def repeatable(self) -> bool:
        """Whether running the step again gives the same bytes: not if identities are drawn, or if
        a kernel decides where everything goes."""
        kind = filesystems.find(self.area.filesystem, self.area.where)
        return self.area.way == "mkfs" and kind.repeatable

    def run(self, work: Work) -> None:
        """Have backends/filesystems make the filesystem of the part of the tree that it holds.

        Raises RecipeError if the files do not fit, CommandError if a tool fails.
        """
        if self.marked:
            for table in self.labels:
                work.tree.label(work.results.path(table))
        image = work.results.path(self.gives)
        if not (self.area.mount_point or self.area.subvolumes):
            self._make(work, image, content_size(self.area), None)
            return
        with self._shown(work) as tree:
            size = content_size(self.area)
            if self.area.fitted:
                needed = least(self.area.filesystem, tree)
                size = fitted_content_size(self.area, needed, unit=self.unit)
            elif self.area.mount_point == "/boot" and (text := advice(tree, size)):
                work.note(f"{self.area.where}: {text}")
            self._make(work, image, size, tree)

    def _make(self, work: Work, image: Path, size: int, tree: Path | None) -> None:
        area = self.area
        with image.open("wb") as file:
            file.truncate(max(size, self.whole))  # where mkfs.vfat(8) looks for a disk's size
        place = Partition(
            start=0,
            size=size,
            uuid=area.uuid,
            label=area.label,
            options=area.options,
            mount_point=area.mount_point or next((s.mount_point for s in area.subvolumes), ""),
            where=area.where,
            subvolumes=tuple(one.name for one in area.subvolumes),
            way=area.way,
            mount_options=area.mount_options,
            labels=read_labels(work.results.path(self.labels[0])) if self.labels else {},
        )
        filesystems.find(area.filesystem, area.where).make(work, place, disk=image, tree=tree)
        os.truncate(image, size)

    def _shown(self, work: Work) -> AbstractContextManager[Path]:
        """Lend a directory with the files that the filesystem is to hold."""
        area = self.area
        if area.subvolumes:
            parts = {one.name: (one.mount_point, one.hidden) for one in area.subvolumes}
            return work.tree.gather(parts, top=area.mount_point, hidden=area.hidden)
        extra = {
            boot_loaders.KNOWN[code.loader].removable_path: work.results.path(code)
            for code in self.boot
        }
        return work.tree.view(area.mount_point, hidden=area.hidden, extra=extra)
