"""Write a partition table, put what partitions hold into its places, embed the boot loader."""

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
    """One partition; *type_id* is a GPT type GUID or an MBR type in hexadecimal. *identity* is
    the partition's own UUID, the filesystem's is in its *area*."""

    number: int
    type_id: str
    identity: str
    area: Area


@dataclass(frozen=True)
class AssembleDisk:
    """One whole raw disk, *size* bytes; pieces are in disk order. What is fitted in them is made
    smaller or larger, and the disk with it.

    *filesystems* are what is in the areas that have one, in the order of filled(). *boot* lists
    the programs to embed; *layers* are those of the tree, if one of them needs files of it. The
    disk's size stays a multiple of *whole* bytes.
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
        """The filesystems, which are gone then; the boot loaders, and the tree for these."""
        return (*self.layers, *self.boot, *self.filesystems)

    @property
    def gives(self) -> DiskImage:
        """A raw disk image."""
        return DiskImage(self.name)

    @property
    def repeatable(self) -> bool:
        """Whether doing it again gives the same bytes: not where keys are drawn, or a kernel
        decides where a boot loader's files go."""
        loaders = (boot_loaders.KNOWN[code.loader] for code in self.boot)
        return not self.secret and all(loader.repeatable for loader in loaders)

    @property
    def secret(self) -> bool:
        """Whether it is encrypted, so that nobody may keep it but who asked for it."""
        return any(area.encryption for area in self.areas())

    def areas(self) -> Iterator[Area]:
        """Everything on the disk: what partitions hold, and logical volumes."""
        return all_areas(piece.area for piece in self.pieces)

    def run(self, work: Work) -> None:
        """Write it where it is kept: what was made elsewhere is moved there, and is there once."""
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
        """The same disk, with the sizes that what is in it has; *sizes* are the bytes of each
        filesystem, by its UUID."""
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
        """Make *disk* as large as it is to be, empty but for its partition table."""
        with disk.open("wb") as file:
            file.truncate(self.size)
        work.run(["sfdisk", "--quiet", disk], stdin=self.script())

    def embed(self, work: Work, disk: Path) -> None:
        """Have each boot loader write what it made onto *disk*, whose filesystems are complete."""
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
        """The table in sfdisk's own words, in sectors."""
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
        """How the table says which partition a BIOS is to start."""
        if self.table == "dos":
            return ", bootable"
        marked = any(boot_loaders.KNOWN[code.loader].starts_marked for code in self.boot)
        return ", attrs=LegacyBIOSBootable" if marked else ""


def _put(work: Work, area: Area, disk: Path, start: int, images: dict[str, Path]) -> None:
    """Write *area* at the byte *start* of the file *disk*."""
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
    """What the *container* of *area* is to hold, as a file that never leaves the workbench."""
    if area.uuid in images:
        return images[area.uuid]
    plain = work.scratch / f"plain-{container.uuid}"
    with plain.open("wb") as file:
        file.truncate(content_size(area))
    _put(work, replace(area, encryption=None), plain, 0, images)
    return plain


def filled(areas: Iterable[Area]) -> Iterator[Area]:
    """Those in *areas* that have a filesystem, in order."""
    return (area for area in all_areas(areas) if area.filesystem)


def _mounted(area: Area) -> set[str]:
    """The mount points of everything in *area*."""
    return {
        mount_point
        for each in all_areas([area])
        for mount_point in (each.mount_point, *(one.mount_point for one in each.subvolumes))
    }
