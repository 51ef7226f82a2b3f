"""Put all files of the appliance into one file, without a disk around them."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import tree_formats
from appliance.work import Work
from appliance.work.results import Layer, PackedTree


@dataclass(frozen=True)
class PackTree:
    """Put the finished root tree into one file of one format.

    *tree_format*: the name of the format in backends/tree_formats.
    *architecture*: the architecture of the image, as the kernel names it.
    *name*: the appliance's name if the format states it, else empty.
    *layers*: every layer of the root tree.
    *tools*: the programs that make the file, with their versions.
    """

    version: ClassVar[int] = 2
    tree_format: str
    architecture: str
    name: str
    layers: tuple[Layer, ...]
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[Layer, ...]:
        """Every layer of the tree."""
        return self.layers

    @property
    def gives(self) -> PackedTree:
        """The file that holds the root tree."""
        return PackedTree(self.tree_format)

    def run(self, work: Work) -> None:
        """Have backends/tree_formats write the file, and keep it."""
        kind, made = tree_formats.KNOWN[self.tree_format], work.scratch / "files"
        with work.tree.view("/", hidden=(), extra={}) as tree:
            kind.write(work, tree, target=made, architecture=self.architecture, name=self.name)
        work.results.keep(made)
