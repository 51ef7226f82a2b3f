"""The kinds of files that tell a hypervisor to launch an appliance. To add one: write its file,
add it to KNOWN."""

from difflib import get_close_matches

from appliance.backends.launchers.hyper_v import HyperV
from appliance.backends.launchers.libvirt import Libvirt
from appliance.backends.launchers.model import Launcher
from appliance.backends.launchers.ovf import Ovf
from appliance.backends.launchers.virt_image import VirtImage
from appliance.backends.launchers.vmx import Vmx
from appliance.backends.launchers.xen import Xen
from appliance.errors import RequestError

__all__ = ["KNOWN", "Launcher", "find"]

KNOWN: dict[str, Launcher] = {
    launcher.name: launcher for launcher in (Libvirt(), VirtImage(), Ovf(), Vmx(), Xen(), HyperV())
}


def find(name: str) -> Launcher:
    """Return the launcher called *name*; raise RequestError with the nearest name, or all, if
    there is none."""
    if name not in KNOWN:
        near = get_close_matches(name, KNOWN, n=1) or list(KNOWN)
        raise RequestError(f"unknown launch description '{name}'", hint=", ".join(near))
    return KNOWN[name]
