"""What a launch description must be able to say."""

from collections.abc import Mapping
from typing import Protocol

from appliance.bundle.model import Bundle


class Launcher(Protocol):
    """How one program is told to make a machine of an appliance."""

    @property
    def name(self) -> str:
        """What people ask for on the command line."""

    @property
    def says(self) -> str:
        """For whom it is, in one line."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The disk formats that it can launch, the best first."""

    @property
    def unasked(self) -> tuple[str, ...]:
        """The disk formats beside which it is written when nobody asks for it by name."""

    def refuses(self, bundle: Bundle) -> str:
        """Say why such an appliance cannot be described; empty if it can."""

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What was said of the machine or the product that the program has no word for, and what
        will not work there, in a line each."""

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """Write the description: texts by the names of their files beside the disks. The same
        bundle, the same texts; the first is the one to launch."""
