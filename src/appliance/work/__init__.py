"""What a step may ask of the world. The engine supplies the real thing, tests a small one."""

from typing import Protocol

from appliance.errors import Where
from appliance.work.parts import (
    Conversion,
    InJail,
    InMachine,
    Packages,
    Results,
    RootTree,
    Tools,
)
from appliance.work.terms import Jail, MachineDisk

__all__ = [
    "Conversion", "FileWork", "InJail", "InMachine", "Jail", "MachineDisk", "Packages", "Results",
    "RootTree", "Tools", "Work",
]  # fmt: skip


class FileWork(Conversion, Protocol):
    """What a step may ask that turns the file of one result into another."""

    @property
    def results(self) -> Results:
        """What steps before made, and what this one makes."""


class Work(Tools, Protocol):
    """All that a running step may ask, by what it touches: files and tools are at hand, the rest
    is in parts, which are handed on to whoever needs no more."""

    @property
    def results(self) -> Results:
        """What steps before made, and what this one makes."""

    @property
    def packages(self) -> Packages:
        """The package files that are installed."""

    @property
    def tree(self) -> RootTree:
        """The image's files."""

    @property
    def jail(self) -> InJail:
        """The image's own programs."""

    @property
    def machine(self) -> InMachine:
        """The image's own kernel."""

    def passphrase(self, source: str, where: Where) -> str:
        """The passphrase that *source* stands for, which no result and no log may hold."""
