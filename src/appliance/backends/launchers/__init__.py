"""Descriptions that launch an appliance. To add one: write its file, add it to KNOWN."""

from appliance.backends.launchers.libvirt import Libvirt
from appliance.backends.launchers.model import Launcher
from appliance.backends.launchers.virt_image import VirtImage
from appliance.errors import RequestError

__all__ = ["KNOWN", "Launcher", "find"]

KNOWN: dict[str, Launcher] = {launcher.name: launcher for launcher in (Libvirt(), VirtImage())}


def find(name: str) -> Launcher:
    """Return the launcher called *name*; raise RequestError with those that exist."""
    if name not in KNOWN:
        raise RequestError(f"unknown launch description '{name}'", hint=", ".join(KNOWN))
    return KNOWN[name]
