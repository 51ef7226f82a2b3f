"""Write a partition table, fill what the partitions hold, embed the boot loader."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from appliance import filesystem_facts
from appliance.backends import boot_loaders, encryption, filesystems
from appliance.backends.boot_loaders.model import CodePlace
from appliance.backends.encryption.model import Run
from appliance.backends.filesystems.least_size import least
from appliance.backends.filesystems.model import Partition
from appliance.layout import lvm
from appliance.layout.areas import Area, Encrypted, all_areas
from appliance.layout.fit import fitted
from appliance.layout.identity import dos_id
from appliance.layout.place import CONTAINER, GRAIN, TYPES
from appliance.steps.label_files import read_labels
from appliance.units import MIB, SECTOR, align_up
from appliance.work import Work
from appliance.work.results import BootCode, DiskImage, Labels, Layer, Result

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

    *boot* lists the results to embed or to put on the EFI system partition, *labels* that which
    says the files' SELinux labels. The disk's size stays a multiple of *whole* bytes.
    """

    version: ClassVar[int] = 4
    name: str
    table: str
    size: int
    identity: str
    pieces: tuple[Piece, ...]
    layers: tuple[Layer, ...]
    boot: tuple[BootCode, ...]
    tools: tuple[tuple[str, str], ...]
    labels: tuple[Labels, ...] = ()
    whole: int = MIB

    @property
    def takes(self) -> tuple[Result, ...]:
        """Every layer of the tree, the boot loaders, and the labels."""
        return (*self.layers, *self.boot, *self.labels)

    @property
    def gives(self) -> DiskImage:
        """A raw disk image."""
        return DiskImage(self.name)

    @property
    def repeatable(self) -> bool:
        """Whether doing it again gives the same bytes: not where keys or identities are drawn, or
        a kernel decides where everything goes."""
        return not any(_draws(area) for area in self.areas()) and all(
            boot_loaders.KNOWN[code.loader].repeatable for code in self.boot
        )

    @property
    def secret(self) -> bool:
        """Whether it is encrypted, so that nobody may keep it but who asked for it."""
        return any(area.encryption for area in self.areas())

    def areas(self) -> Iterator[Area]:
        """Everything on the disk: what partitions hold, and logical volumes."""
        return all_areas(piece.area for piece in self.pieces)

    def run(self, work: Work) -> None:
        """Made in scratch space, which may be memory, and kept only when it is complete."""
        if any(_copies_labels(area) for area in self.areas()):
            for table in self.labels:
                work.tree.label(work.results.path(table))
        self._fitted(work)._write(work)

    def _fitted(self, work: Work) -> "AssembleDisk":
        """The same disk, with the sizes that what is in it asks for."""
        old = [piece.area for piece in self.pieces]
        if not any(area.fitted for area in old):
            return self

        def need(area: Area) -> int:
            if not (area.mount_point or area.subvolumes):
                return _plain(area).size
            with self._shown(work, area) as tree:
                return least(area.filesystem, tree)

        new = fitted(old, need)
        pieces = tuple(
            replace(piece, area=area) for piece, area in zip(self.pieces, new, strict=True)
        )
        end = max(area.start + area.size for area in new)
        behind = min(self.size - max(area.start + area.size for area in old), GRAIN)
        return replace(self, pieces=pieces, size=align_up(end + behind, self.whole))

    def _write(self, work: Work) -> None:
        disk = work.scratch / "disk"
        with disk.open("wb") as file:
            file.truncate(self.size)
        work.run(["sfdisk", "--quiet", disk], stdin=self.script())
        for done, piece in enumerate(self.pieces):
            work.progress(done, len(self.pieces), "partitions")
            self._fill(work, piece.area, disk, piece.area.start)
        for code in self.boot:
            loader = boot_loaders.KNOWN[code.loader]
            loader.embed(work, code=work.results.path(code), disk=disk, place=self.place_of_boot())
        work.results.keep(disk)

    def _fill(self, work: Work, area: Area, disk: Path, start: int) -> None:
        """Write *area* at the byte *start* of the file *disk*."""
        if area.encryption:
            self._encrypt(work, area, disk, start, container=area.encryption)
        elif area.physical:
            with disk.open("r+b") as file:
                file.seek(start)
                file.write(lvm.header(area.physical.group, area.physical.number, work.clock))
            for each in area.physical.areas:
                self._fill(work, each, disk, start + each.start)
        elif area.filesystem:
            self._make(work, area, disk, start)

    def _encrypt(
        self, work: Work, area: Area, disk: Path, start: int, *, container: Encrypted
    ) -> None:
        """Made in the clear apart, which never leaves the workbench, then encrypted into place."""
        plain = work.scratch / f"plain-{container.uuid}"
        with plain.open("wb") as file:
            file.truncate(area.size - CONTAINER)
        self._fill(work, _plain(area), plain, 0)
        run = Run(disk, start, area.size)
        encryption.find().encrypt(work, plain=plain, run=run, container=container, where=area.where)
        plain.unlink(missing_ok=True)

    def _make(self, work: Work, area: Area, disk: Path, start: int) -> None:
        kind = filesystems.find(area.filesystem, area.where)
        place = Partition(
            start=start,
            size=area.size,
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
        if not area.mount_point and not area.subvolumes:
            kind.make(work, place, disk=disk, tree=None)
            return
        with self._shown(work, area) as tree:
            kind.make(work, place, disk=disk, tree=tree)

    def _shown(self, work: Work, area: Area) -> AbstractContextManager[Path]:
        """The files that the filesystem of *area* is to hold."""
        if area.subvolumes:
            parts = {one.name: (one.mount_point, one.hidden) for one in area.subvolumes}
            return work.tree.gather(parts, top=area.mount_point, hidden=area.hidden)
        extra = {}
        if filesystem_facts.facts(area.filesystem).firmware_reads:
            loaders = {code: boot_loaders.KNOWN[code.loader] for code in self.boot}
            extra = {
                loader.removable_path: work.results.path(code)
                for code, loader in loaders.items()
                if loader.removable_path
            }
        return work.tree.view(area.mount_point, hidden=area.hidden, extra=extra)

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


def _plain(area: Area) -> Area:
    """What is inside the container of *area*, if it has one."""
    size = area.size - CONTAINER if area.encryption else area.size
    return replace(area, start=0, size=size, encryption=None)


def _mounted(area: Area) -> set[str]:
    """The mount points of everything in *area*."""
    inside = list(all_areas([area]))
    return {
        *(each.mount_point for each in inside),
        *(part.mount_point for each in inside for part in each.subvolumes),
    }


def _draws(area: Area) -> bool:
    """Whether it is made with dice or by a kernel; not what is in it."""
    kind = area.filesystem
    same = not kind or filesystems.find(kind, area.where).repeatable
    return bool(area.encryption) or area.way != "mkfs" or not same


def _copies_labels(area: Area) -> bool:
    kind = area.filesystem
    return bool(kind) and filesystems.find(kind, area.where).copies_labels
