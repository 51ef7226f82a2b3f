"""Which clusters of a FAT filesystem no file uses, by its own table.

Facts: Microsoft's "FAT: General Overview of On-Disk Format", 1.03.
"""

from appliance.intake.trees.fat import FatLayout, layout
from appliance.intake.trees.window import Window

UPPER = 0x0FFFFFFF  # of an entry of 32 bits, what counts


class FreeClusters:
    """Says of each cluster of the filesystem in *source*, counted from 0, whether it is free.

    Raises DamagedError for a filesystem without clusters.
    """

    def __init__(self, source: Window) -> None:
        self.layout: FatLayout = layout(source)
        self._source = source

    @property
    def unit(self) -> int:
        """The size of a cluster, in bytes."""
        return self.layout.cluster

    @property
    def place(self) -> int:
        """The byte where the first cluster is."""
        return self.layout.data

    @property
    def end(self) -> int:
        """The byte behind the last cluster."""
        end = self.layout.data + self.layout.clusters * self.layout.cluster
        return min(end, self._source.size)

    def is_free(self, cluster: int) -> bool:
        """Whether no file uses *cluster*; the table counts from 2 on."""
        where, number = self.layout, cluster + 2
        at, odd = divmod(number * where.width, 8)
        value = int.from_bytes(self._source.read(where.table + at, 4), "little")
        value = value >> 4 if odd else value
        return not value & UPPER & ((1 << where.width) - 1)
