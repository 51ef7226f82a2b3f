"""What a launcher, which describes an appliance for a hypervisor, must be able to do."""

from collections.abc import Mapping
from typing import Protocol

from appliance.bundle.model import Bundle


class Launcher(Protocol):
    """How an appliance is described to one program, so that it makes a machine of it."""

    @property
    def name(self) -> str:
        """The name of the launcher, which people give on the command line."""

    @property
    def says(self) -> str:
        """For which programs the description is, in a phrase for help texts."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The disk formats that it can launch, the best first."""

    @property
    def unasked(self) -> tuple[str, ...]:
        """The disk formats for which the description is written even if nobody asks for it by
        name."""

    def refuses(self, bundle: Bundle) -> str:
        """Say why *bundle* cannot be described to the program; empty if it can."""

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """Return a line for each wish about the machine or the product that the description
        cannot express, and for each that will not work there."""

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """Return the texts of the description, by the names of their files beside the disks; the
        first is the one to launch. The same bundle gives the same texts."""
