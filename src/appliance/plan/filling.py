"""The steps that fill the filesystems of one disk: which there are, and what goes into each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from appliance.backends import block_layers, boot_loaders, filesystems
from appliance.filesystem_facts import FAT, facts
from appliance.layout.areas import Area, all_areas
from appliance.layout.fit import content_size
from appliance.layout.model import DiskLayout
from appliance.layout.place import GRAIN
from appliance.steps.assemble_disk import Piece, filled
from appliance.steps.fill_filesystem import FillFilesystem
from appliance.work.results import BootCode, Labels, Layer

Versions = Callable[[tuple[str, ...]], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class DiskInputs:
    """The results that disks are made of: the finished tree's layers, the boot loaders, and the
    labels of the files, if they have any. *copied*: one of the appliance's filesystems takes the
    labels from the files themselves."""

    layers: tuple[Layer, ...]
    boot: tuple[BootCode, ...]
    labels: tuple[Labels, ...]
    copied: bool = False

    def in_files(self) -> tuple[BootCode, ...]:
        """The programs that firmware looks for in a filesystem."""
        return tuple(code for code in self.boot if boot_loaders.KNOWN[code.loader].removable_path)

    def embedded(self) -> tuple[BootCode, ...]:
        """The programs that firmware finds at a place of the disk."""
        return tuple(code for code in self.boot if code not in self.in_files())

    def embedders(self) -> tuple[Layer, ...]:
        """The layers, if what embeds a boot loader takes files of the tree; else none."""
        loaders = (boot_loaders.KNOWN[code.loader] for code in self.embedded())
        return self.layers if any(loader.in_tree for loader in loaders) else ()


def fillings(
    layout: DiskLayout, pieces: tuple[Piece, ...], inputs: DiskInputs, versions: Versions
) -> list[FillFilesystem]:
    """One step for each filesystem of a disk, in the order in which AssembleDisk takes them."""
    steps: list[FillFilesystem] = []
    for device, area, unit in _devices(layout.name, pieces):
        taken = any(step.name == area.mount_point for step in steps)
        known = facts(area.filesystem)
        holds = bool(area.mount_point or area.subvolumes)  # else it is made empty
        steps.append(
            FillFilesystem(
                name=device if taken or not area.mount_point else area.mount_point,
                area=replace(area, start=0),
                layers=inputs.layers if holds else (),
                tools=versions(filesystems.find(area.filesystem, area.where).tools),
                boot=inputs.in_files() if known.firmware_reads else (),
                labels=inputs.labels if holds else (),
                marked=holds and bool(inputs.labels) and inputs.copied,
                unit=unit,
                whole=_whole(layout, area) if known.family == FAT else 0,
            )
        )
    return steps


def _devices(disk: str, pieces: tuple[Piece, ...]) -> Iterator[tuple[str, Area, int]]:
    """The name of the partition or logical volume of each filesystem, its area, and of what sizes
    there are multiples. Fitted are only those that can be: see layout.fit."""
    for piece in pieces:
        area = piece.area
        if area.filesystem:
            separator = "p" if disk[-1].isdigit() else ""
            yield f"{disk}{separator}{piece.number}", area, GRAIN
        if area.physical:
            group = area.physical.group
            runs = [run for run in group.runs if run.device == area.physical.number]
            can_be = area.fitted and len(group.devices) == 1
            for run, held in zip(runs, area.physical.areas, strict=True):
                if held.filesystem:
                    inner = replace(held, fitted=held.fitted and can_be)
                    yield f"{group.name}/{run.name}", inner, group.extent_size


def _whole(layout: DiskLayout, area: Area) -> int:
    """The bytes of what *area* lies in: the disk, or its own container."""
    return content_size(area) if area.encryption else layout.size


def copies_labels(pieces: tuple[Piece, ...]) -> bool:
    """Whether a filesystem on a disk takes SELinux labels from the files."""
    return any(
        filesystems.find(area.filesystem, area.where).copies_labels
        for area in filled(piece.area for piece in pieces)
    )


def encryption_tools(pieces: tuple[Piece, ...]) -> tuple[str, ...]:
    """The programs that make the containers on a disk; none if nothing is encrypted."""
    sealed = any(area.encryption for area in all_areas(piece.area for piece in pieces))
    return block_layers.find().tools if sealed else ()
