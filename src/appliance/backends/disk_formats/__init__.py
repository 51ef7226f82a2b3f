"""Disk image formats. To add one: write its file, add it to KNOWN."""

from pathlib import Path
from typing import Protocol

from appliance.backends.disk_formats.qcow2 import Qcow2
from appliance.backends.disk_formats.raw import Raw
from appliance.errors import RequestError
from appliance.work import Work


class DiskFormat(Protocol):
    """How to turn a raw disk into one format. The same raw disk gives the same bytes."""

    name: str
    tools: tuple[str, ...]

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """Write *image* from *raw*, which stays as it is."""


KNOWN: dict[str, DiskFormat] = {kind.name: kind for kind in (Qcow2(), Raw())}


def find(name: str) -> DiskFormat:
    """Return the format called *name*; raise RequestError with those that exist."""
    if name not in KNOWN:
        raise RequestError(f"unknown disk format '{name}'", hint=", ".join(KNOWN))
    return KNOWN[name]
