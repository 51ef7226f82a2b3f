"""The formats in which the files of an appliance are handed over without a disk around them. To
add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.tree_formats.oci import Oci
from appliance.backends.tree_formats.tar import Directory, TarTree
from appliance.work import Work


class TreeFormat(Protocol):
    """How the root tree becomes one file. The same tree gives the same bytes."""

    @property
    def name(self) -> str:
        """The name of the format, as `--format` takes it."""

    @property
    def suffix(self) -> str:
        """What the name of the file is behind the appliance's name, without the dot."""

    @property
    def says(self) -> str:
        """What the format is for, in a phrase for help texts."""

    @property
    def unpacked(self) -> bool:
        """Whether the file is unpacked into a directory when the appliance is handed over."""

    @property
    def named(self) -> bool:
        """Whether the appliance's name goes into the file, so that a renamed one is made again."""

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools of host/tools.py that it needs, and whose versions count for the bytes."""

    def write(self, work: Work, tree: Path, *, target: Path, architecture: str, name: str) -> None:
        """Write all files in *tree*, with their owners and attributes, to the file *target*.
        *architecture* is as the kernel names it; *name* is the appliance's if the format is
        *named*, else empty."""


KNOWN: dict[str, TreeFormat] = {kind.name: kind for kind in (TarTree(), Directory(), Oci())}
