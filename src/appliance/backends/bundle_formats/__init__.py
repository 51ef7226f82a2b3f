"""The formats of single files that hold a whole appliance. To add one: write its file, add it to
KNOWN."""

from difflib import get_close_matches

from appliance.backends.bundle_formats.box import LIBVIRT, VIRTUALBOX, Box
from appliance.backends.bundle_formats.compressed import by
from appliance.backends.bundle_formats.gcp import Gcp
from appliance.backends.bundle_formats.model import BundleFormat
from appliance.backends.bundle_formats.ova import Ova
from appliance.backends.bundle_formats.tar import TarBundle, plain
from appliance.backends.bundle_formats.zip import Zip
from appliance.errors import RequestError

__all__ = ["KNOWN", "BundleFormat", "find"]

_ALL: tuple[BundleFormat, ...] = (
    Zip("zip", "everybody"),
    Zip("zip.64", "everybody; the name of old for zip"),
    TarBundle("tar", "everybody, not compressed", plain),
    TarBundle("tar.gz", "everybody", by("gz")),
    TarBundle("tar.bz2", "everybody, slowly", by("bz2")),
    TarBundle("tar.xz", "everybody, as small as it gets", by("xz")),
    TarBundle("tar.zst", "everybody with a tar of this decade", by("zst")),
    Ova(),
    Box("box", LIBVIRT, by("gz")),
    Box("box-virtualbox", VIRTUALBOX, by("gz")),
    Gcp(by("gz")),
)
KNOWN: dict[str, BundleFormat] = {archive.name: archive for archive in _ALL}


def find(name: str) -> BundleFormat:
    """Return the bundle format called *name*; raise RequestError with the nearest names, or all,
    if there is none."""
    if name not in KNOWN:
        near = get_close_matches(name, KNOWN, n=1)
        raise RequestError(f"unknown package '{name}'", hint=", ".join(near or KNOWN))
    return KNOWN[name]
