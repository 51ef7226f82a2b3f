"""Say which blocks of a raw disk there are, so that others write only these."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends.disk_formats.bmap import write_bmap
from appliance.work import FileWork
from appliance.work.results import BlockMap, DiskImage


@dataclass(frozen=True)
class MapBlocks:
    """*disk* is its `--ondisk` name."""

    version: ClassVar[int] = 1
    disk: str

    @property
    def takes(self) -> tuple[DiskImage, ...]:
        """The raw disk."""
        return (DiskImage(self.disk),)

    @property
    def gives(self) -> BlockMap:
        """A block map."""
        return BlockMap(self.disk)

    def run(self, work: FileWork) -> None:
        """See backends/disk_formats/bmap.py."""
        raw, blocks = work.results.path(self.takes[0]), work.results.path(self.gives)
        write_bmap(raw, blocks, cores=work.cores)
