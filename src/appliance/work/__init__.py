"""What a running step may ask of the world, as protocols. The engine implements them; tests bring
small implementations of their own."""

from typing import Protocol

from appliance.errors import Where
from appliance.work.parts import (
    Conversion,
    InJail,
    InMachine,
    OwnFiles,
    Packages,
    Results,
    RootTree,
    Tools,
)
from appliance.work.terms import Builder, Jail, MachineDisk

__all__ = [
    "Builder", "Conversion", "FileWork", "InJail", "InMachine", "Jail", "MachineDisk", "OwnFiles",
    "Packages", "Results", "RootTree", "Tools", "Work",
]  # fmt: skip


class FileWork(Conversion, Protocol):
    """What a step may ask of the world that turns the file of one result into another file."""

    @property
    def results(self) -> Results:
        """The files of the results that the step takes, and of the one that it makes."""


class Work(Tools, Protocol):
    """All that a running step may ask of the world.

    What every step needs, tools and scratch files, are methods of this class; the rest is in
    parts, of which a step hands on to other functions only those that they need.
    """

    @property
    def results(self) -> Results:
        """The files of the results that the step takes, and of the one that it makes."""

    @property
    def packages(self) -> Packages:
        """The package files that the plan installs."""

    @property
    def own_files(self) -> OwnFiles:
        """What copies and shows the author's own files."""

    @property
    def tree(self) -> RootTree:
        """The image's files, as a tree of this host."""

    @property
    def jail(self) -> InJail:
        """What runs the image's own programs, in a sandbox."""

    @property
    def machine(self) -> InMachine:
        """What boots the image's own kernel, under QEMU."""

    @property
    def builder(self) -> Builder:
        """What tells of this machine, where it stands in a file."""

    def secret(self, name: str) -> str:
        """Return the value of the secret variable *name*. No result may hold it but what a script
        makes of it, and no log."""

    def passphrase(self, source: str, where: Where) -> str:
        """Return the passphrase that *source* stands for; *where* is the line of the kickstart
        that asks for it. No result and no log may hold it."""
