"""Write a partition table, fill the filesystems at their places, embed the boot loader."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import boot_loaders, filesystems
from appliance.backends.filesystems.model import Partition
from appliance.errors import Where
from appliance.layout.identity import dos_id
from appliance.units import SECTOR
from appliance.work import Work


@dataclass(frozen=True)
class Piece:
    """One partition. *start*, *size* are bytes; *filesystem* is empty for one without.

    *identity* is the partition's own UUID, *uuid* the filesystem's. *hidden* are the mount
    points below this one that have a partition of their own.
    """

    number: int
    start: int
    size: int
    type_id: str
    identity: str
    filesystem: str
    uuid: str
    mount_point: str
    hidden: tuple[str, ...]
    label: str
    options: str
    where: Where


@dataclass(frozen=True)
class AssembleDisk:
    """One whole raw disk, *size* bytes; pieces are in disk order.

    *boot* lists the results to embed or to put on the EFI system partition.
    """

    version: ClassVar[int] = 1
    name: str
    table: str
    size: int
    identity: str
    pieces: tuple[Piece, ...]
    layers: tuple[str, ...]
    boot: tuple[str, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[str, ...]:
        """Every layer of the tree, and the boot loaders."""
        return (*self.layers, *self.boot)

    @property
    def gives(self) -> str:
        """A raw disk image."""
        return f"disk:{self.name}"

    def run(self, work: Work) -> None:
        """Made in scratch space, which may be memory, and kept only when it is complete."""
        disk = work.scratch / "disk"
        with disk.open("wb") as file:
            file.truncate(self.size)
        work.run(["sfdisk", "--quiet", disk], stdin=self.script())
        for done, piece in enumerate(self.pieces):
            work.progress(done, len(self.pieces), "partitions")
            self._fill(work, piece)
        for name in self.boot:
            loader = boot_loaders.KNOWN[name.removeprefix("boot:")]
            start = self.room_for_boot_code()
            loader.embed(code=work.path(name), disk=disk, start=start, table=self.table)
        work.keep(disk)

    def _fill(self, work: Work, piece: Piece) -> None:
        if not piece.filesystem:
            return
        kind = filesystems.find(piece.filesystem, piece.where)
        place = Partition(
            piece.start, piece.size, piece.uuid, piece.label, piece.options, piece.mount_point,
            piece.where,
        )  # fmt: skip
        disk = work.scratch / "disk"
        if not piece.mount_point:
            kind.make(work, place, disk=disk, tree=None)
            return
        extra = {}
        if piece.filesystem == "efi" and "boot:uefi" in self.boot:
            extra = {boot_loaders.REMOVABLE_PATH: work.path("boot:uefi")}
        with work.view(piece.mount_point, hidden=piece.hidden, extra=extra) as tree:
            kind.make(work, place, disk=disk, tree=tree)

    def room_for_boot_code(self) -> int:
        """Where a BIOS boot loader goes, in bytes: its partition, else the gap after the MBR."""
        own = [piece.start for piece in self.pieces if self._is_bios_boot(piece)]
        return own[0] if own else SECTOR

    def _is_bios_boot(self, piece: Piece) -> bool:
        return not piece.filesystem and self.table == "gpt"

    def script(self) -> str:
        """The table in sfdisk's own words, in sectors."""
        label = dos_id(self.identity) if self.table == "dos" else self.identity
        lines = [f"label: {self.table}", f"label-id: {label}", f"sector-size: {SECTOR}", ""]
        for piece in self.pieces:
            identity = f", uuid={piece.identity}" if self.table == "gpt" else ""
            active = ", bootable" if self.table == "dos" and piece.mount_point == "/" else ""
            lines.append(
                f"{piece.number}: start={piece.start // SECTOR}, size={piece.size // SECTOR}, "
                f"type={piece.type_id}{identity}{active}"
            )
        return "\n".join(lines) + "\n"
