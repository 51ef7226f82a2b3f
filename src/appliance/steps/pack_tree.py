"""Hand the files over without a disk around them."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import tree_formats
from appliance.work import Work
from appliance.work.results import Layer, PackedTree


@dataclass(frozen=True)
class PackTree:
    """All files of *layers*; *tree_format* is one of backends/tree_formats. *name* is the
    appliance's, if the format has a word for it."""

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
        """One file."""
        return PackedTree(self.tree_format)

    def run(self, work: Work) -> None:
        """Hand over to the format."""
        kind, made = tree_formats.KNOWN[self.tree_format], work.scratch / "files"
        with work.tree.view("/", hidden=(), extra={}) as tree:
            kind.write(work, tree, target=made, architecture=self.architecture, name=self.name)
        work.results.keep(made)
