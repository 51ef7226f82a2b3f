"""A bundle of ours, by its NAME.appliance.json: which of its images is taken, and its machine."""

from dataclasses import replace
from pathlib import Path

from appliance.backends import disk_formats
from appliance.bundle.model import FIRMWARES, Artifact, Bundle
from appliance.errors import RequestError, Where
from appliance.intake.images import Disk, Image
from appliance.intake.places import inside
from appliance.intake.stored_disks import stored
from appliance.intake.trust import RAW

# Which of several formats is taken, for whatever purpose: what needs the least work to be read.
# A smaller file comes before a larger one, since it is compared with its digest first.
BEST = (
    *("qcow2", "qcow2-zlib", "qcow2-plain", "raw", "vmdk", "vdi", "vhdx", "vhd", "vhd-fixed"),
    *("vmdk-stream", "raw.zst", "raw.gz", "raw.xz"),
)


def described(bundle: Bundle, path: Path) -> Image:
    """The machine of *bundle*, which the file *path* describes, with its disks in the BEST format
    that is there. Raises RequestError if there is none, or as in_format()."""
    for name in BEST:
        image = in_format(bundle, path, name)
        if image:
            return image
    files = ", ".join(each.path for each in bundle.artifacts) or "none"
    raise RequestError(
        f"{path}: no disk that can be read here is beside it", hint=f"it names: {files}"
    )


def in_format(bundle: Bundle, path: Path, name: str) -> Image | None:
    """The machine with its disks in the format *name*; None unless they are all beside *path*.

    Raises RequestError if one is not to be trusted.
    """
    where = Where(path, 1)
    found = bundle.images((name,)) if name in BEST else ()
    if not found or not all(inside(each.path, path, where).exists() for each in found):
        return None
    machine = replace(bundle.machine, firmware=bundle.boots_with)
    disks = tuple(_disk(each, path, where) for each in found)
    return Image(bundle.name, path.resolve(), disks, machine, bundle.firmware or FIRMWARES)


def _disk(artifact: Artifact, path: Path, where: Where) -> Disk:
    kind = disk_formats.find(artifact.disk_format)
    disk = stored(inside(artifact.path, path, where), kind.driver or RAW, where)
    return replace(disk, sha256=artifact.sha256, name=artifact.disk)
