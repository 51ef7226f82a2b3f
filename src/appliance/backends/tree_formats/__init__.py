"""The files of an appliance without a disk around them. To add one: its file, a line in KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.tree_formats.oci import Oci
from appliance.backends.tree_formats.tar import Directory, TarTree
from appliance.work import Work


class TreeFormat(Protocol):
    """How the root tree becomes one file. The same tree gives the same bytes.

    *unpacked*: it is handed over as a directory of what the file holds. *named*: the appliance's
    name is in it.
    """

    @property
    def name(self) -> str:
        """Its name, as `--format` takes it."""

    @property
    def suffix(self) -> str:
        """What is put behind the appliance's name."""

    @property
    def says(self) -> str:
        """What it is for, in a phrase for help texts."""

    @property
    def unpacked(self) -> bool:
        """Whether it is a directory, which is made when the appliance is handed over."""

    @property
    def named(self) -> bool:
        """Whether the appliance's name goes into the file, so that a renamed one is made again."""

    @property
    def tools(self) -> tuple[str, ...]:
        """Of host/probe.py: whose versions count."""

    def write(self, work: Work, tree: Path, *, target: Path, architecture: str, name: str) -> None:
        """Write *target* from the files in *tree*, all of them with their owners and attributes;
        *name* is the appliance's if it is *named*, else empty."""


KNOWN: dict[str, TreeFormat] = {kind.name: kind for kind in (TarTree(), Directory(), Oci())}
