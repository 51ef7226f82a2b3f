"""List which blocks of a raw disk hold data, so that bmaptool writes only these to a device."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends.disk_formats.bmap import write_bmap
from appliance.work import FileWork
from appliance.work.results import BlockMap, DiskImage


@dataclass(frozen=True)
class MapBlocks:
    """Map the blocks of one raw disk; *disk* is its name in the kickstart (`--ondisk`)."""

    version: ClassVar[int] = 1
    disk: str

    @property
    def takes(self) -> tuple[DiskImage, ...]:
        """The raw disk that is mapped."""
        return (DiskImage(self.disk),)

    @property
    def gives(self) -> BlockMap:
        """The block map, as a file of XML."""
        return BlockMap(self.disk)

    def run(self, work: FileWork) -> None:
        """Write the block map of the raw disk, with the digests of its blocks (bmap 2.0)."""
        raw, blocks = work.results.path(self.takes[0]), work.results.path(self.gives)
        write_bmap(raw, blocks, cores=work.cores)
