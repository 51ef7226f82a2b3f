"""Write a partition table, move what the partitions hold to its places, embed the boot loader."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from appliance import filesystem_facts
from appliance.backends import block_layers, boot_loaders
from appliance.backends.block_layers.model import Run
from appliance.backends.boot_loaders.model import CodePlace
from appliance.layout import lvm
from appliance.layout.areas import Area, Encrypted, all_areas
from appliance.layout.fit import content_size, fitted
from appliance.layout.identity import dos_id
from appliance.layout.place import GRAIN, TYPES
from appliance.units import MIB, SECTOR, align_up
from appliance.work import Work
from appliance.work.results import BootCode, DiskImage, FilesystemImage, Layer, Result

BIOS_BOOT = TYPES["gpt"][filesystem_facts.BIOS_BOOT]


@dataclass(frozen=True)
class Piece:
    """One partition of a disk.

    *number*: its number in the partition table, from 1.
    *type_id*: its GPT type GUID, or its MBR type in hexadecimal.
    *identity*: the UUID of the partition itself, which is not that of its filesystem.
    *area*: where it is on the disk, and what it holds.
    """

    number: int
    type_id: str
    identity: str
    area: Area


@dataclass(frozen=True)
class AssembleDisk:
    """Make one whole raw disk of the filesystems that earlier steps made.

    *name*: the disk's name in the kickstart (`--ondisk`).
    *table*: the kind of partition table, gpt or dos.
    *size*: the size of the disk in bytes; if an area is fitted, the disk changes with it.
    *identity*: the UUID of the disk, from which the identity of its table is made.
    *pieces*: the partitions, in the order of the disk.
    *filesystems*: what is in the areas that have a filesystem, in the order of filled().
    *layers*: the layers of the root tree, if a boot loader needs files of it.
    *boot*: the programs of boot loaders to embed.
    *tools*: the programs that make the disk, with their versions.
    *whole*: the number of bytes that the disk's size stays a multiple of.
    """

    version: ClassVar[int] = 5
    name: str
    table: str
    size: int
    identity: str
    pieces: tuple[Piece, ...]
    filesystems: tuple[FilesystemImage, ...]
    layers: tuple[Layer, ...]
    boot: tuple[BootCode, ...]
    tools: tuple[tuple[str, str], ...]
    whole: int = MIB

    @property
    def takes(self) -> tuple[Result, ...]:
        """The filesystems, which are moved onto the disk; the programs of the boot loaders, and
        the layers of the tree if one of these needs them."""
        return (*self.layers, *self.boot, *self.filesystems)

    @property
    def gives(self) -> DiskImage:
        """The whole raw disk, as a sparse file."""
        return DiskImage(self.name)

    @property
    def repeatable(self) -> bool:
        """Whether running the step again gives the same bytes: not if keys are drawn, or if a
        kernel decides where a boot loader's files go."""
        loaders = (boot_loaders.KNOWN[code.loader] for code in self.boot)
        return not self.secret and all(loader.repeatable for loader in loaders)

    @property
    def secret(self) -> bool:
        """Whether the disk has encrypted volumes, so that only whoever asked for the disk may keep
        it."""
        return any(area.encryption for area in self.areas())

    def areas(self) -> Iterator[Area]:
        """Every area on the disk: the partitions, and what is in containers and volume groups."""
        return all_areas(piece.area for piece in self.pieces)

    def run(self, work: Work) -> None:
        """Write the disk where its result is kept. Filesystems are moved onto it block by block, so
        that no data take space twice."""
        disk, images = work.results.path(self.gives), self._images(work)
        laid_out = self.laid_out({uuid: image.stat().st_size for uuid, image in images.items()})
        laid_out.write_table(work, disk)
        for done, piece in enumerate(laid_out.pieces):
            work.progress(done, len(laid_out.pieces), "partitions")
            _put(work, piece.area, disk, piece.area.start, images)
        laid_out.embed(work, disk)

    def _images(self, work: Work) -> dict[str, Path]:
        """The file of each filesystem, by its UUID."""
        areas = filled(piece.area for piece in self.pieces)
        pairs = zip(areas, self.filesystems, strict=True)
        return {area.uuid: work.results.path(result) for area, result in pairs}

    def laid_out(self, sizes: dict[str, int]) -> "AssembleDisk":
        """Return this step with the sizes and places that its fitted areas have after all; *sizes*
        are the bytes of each filesystem, by its UUID."""
        old = [piece.area for piece in self.pieces]
        if not any(area.fitted for area in old):
            return self
        new = fitted(old, lambda area: sizes[area.uuid])
        pieces = tuple(
            replace(piece, area=area) for piece, area in zip(self.pieces, new, strict=True)
        )
        end = max(area.start + area.size for area in new)
        behind = min(self.size - max(area.start + area.size for area in old), GRAIN)
        return replace(self, pieces=pieces, size=align_up(end + behind, self.whole))

    def write_table(self, work: Work, disk: Path) -> None:
        """Make the file *disk*, in its whole size, with nothing but its partition table."""
        with disk.open("wb") as file:
            file.truncate(self.size)
        work.run(["sfdisk", "--quiet", disk], stdin=self.script())

    def embed(self, work: Work, disk: Path) -> None:
        """Have each boot loader write its program onto *disk*, whose filesystems are complete."""
        for code in self.boot:
            loader = boot_loaders.KNOWN[code.loader]
            place = self.place_of_boot()
            loader.embed(work, code=work.results.path(code), disk=disk, place=place)

    def place_of_boot(self) -> CodePlace:
        """Where a BIOS boot loader goes: its partition, else the gap after the MBR; and where the
        files of /boot are."""
        own = [piece.area.start for piece in self.pieces if piece.type_id == BIOS_BOOT]
        start = own[0] if own else SECTOR
        mounted = {piece.area.mount_point: piece for piece in self.pieces}
        held = mounted.get("/boot") or mounted.get("/")
        if held is None:
            return CodePlace(start, self.table)
        path = "" if held.area.mount_point == "/boot" else "/boot"
        return CodePlace(start, self.table, held.number, held.area.filesystem, path)

    def script(self) -> str:
        """The partition table as input for sfdisk, counted in sectors."""
        label = dos_id(self.identity) if self.table == "dos" else self.identity
        lines = [f"label: {self.table}", f"label-id: {label}", f"sector-size: {SECTOR}", ""]
        held = [_mounted(piece.area) for piece in self.pieces]
        start = "/boot" if any("/boot" in each for each in held) else "/"
        for piece, mounted in zip(self.pieces, held, strict=True):
            area = piece.area
            identity = f", uuid={piece.identity}" if self.table == "gpt" else ""
            active = self._mark() if start in mounted else ""
            lines.append(
                f"{piece.number}: start={area.start // SECTOR}, size={area.size // SECTOR}, "
                f"type={piece.type_id}{identity}{active}"
            )
        return "\n".join(lines) + "\n"

    def _mark(self) -> str:
        """What sfdisk is told so that the table marks the partition that a BIOS is to start; empty
        if no boot loader needs that."""
        if self.table == "dos":
            return ", bootable"
        marked = any(boot_loaders.KNOWN[code.loader].starts_marked for code in self.boot)
        return ", attrs=LegacyBIOSBootable" if marked else ""


def _put(work: Work, area: Area, disk: Path, start: int, images: dict[str, Path]) -> None:
    """Write what *area* holds at the byte *start* of the file *disk*: a container, the volumes of
    a volume group, or a filesystem out of *images*, which are the files by UUID."""
    if area.encryption:
        plain, run = _plain(work, area, area.encryption, images), Run(disk, start, area.size)
        block_layers.find().encrypt(
            work, plain=plain, run=run, container=area.encryption, where=area.where
        )
    elif area.physical:
        with disk.open("r+b") as file:
            file.seek(start)
            file.write(lvm.header(area.physical.group, area.physical.number, work.clock))
        for each in area.physical.areas:
            _put(work, each, disk, start + each.start, images)
    elif area.filesystem:
        work.place(images[area.uuid], disk, start)


def _plain(work: Work, area: Area, container: Encrypted, images: dict[str, Path]) -> Path:
    """Return a file with what the *container* of *area* is to hold; in the clear, it never leaves
    the workbench."""
    if area.uuid in images:
        return images[area.uuid]
    plain = work.scratch / f"plain-{container.uuid}"
    with plain.open("wb") as file:
        file.truncate(content_size(area))
    _put(work, replace(area, encryption=None), plain, 0, images)
    return plain


def filled(areas: Iterable[Area]) -> Iterator[Area]:
    """Yield the areas in *areas*, and inside them, that have a filesystem, in order."""
    return (area for area in all_areas(areas) if area.filesystem)


def _mounted(area: Area) -> set[str]:
    """The mount points of everything in *area*."""
    return {
        mount_point
        for each in all_areas([area])
        for mount_point in (each.mount_point, *(one.mount_point for one in each.subvolumes))
    }
