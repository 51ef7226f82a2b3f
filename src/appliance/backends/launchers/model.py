"""What a launch description must be able to say."""

from collections.abc import Collection
from typing import Protocol

from appliance.bundle.model import Bundle


class Launcher(Protocol):
    """How one program is told to make a machine of an appliance."""

    @property
    def name(self) -> str:
        """What people ask for on the command line."""

    def refuses(self, *, firmware: Collection[str], disk_format: str) -> str:
        """Say why such an appliance cannot be described; empty if it can."""

    def file_name(self, bundle: Bundle) -> str:
        """Name the file beside the disks."""

    def text(self, bundle: Bundle) -> str:
        """Write the description: the same bundle, the same text."""
