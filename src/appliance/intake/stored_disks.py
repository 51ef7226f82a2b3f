"""One disk of whatever was given: its file, trusted, or compressed, to be trusted once unpacked."""

from pathlib import Path

from appliance.backends import disk_formats
from appliance.errors import RequestError, Where
from appliance.intake import compressed_disks as compressed
from appliance.intake.images import Disk
from appliance.intake.trust import CALLED, check_file, foreseen, trusted

ENDINGS = (".img", *(f".{name}" for name in CALLED if name not in ("iso", "vpc")))
# What our own formats are called that have more than one suffix.
OUR_ENDINGS = tuple(f".{kind.suffix}" for kind in disk_formats.KNOWN.values() if "." in kind.suffix)
PACKED = {
    ".bz2": "bunzip2 --keep", ".7z": "7z x", ".gz": "tar -xf", ".zst": "tar -xf", ".xz": "tar -xf",
}  # fmt: skip


def is_disk(name: str) -> bool:
    """Whether a file of that *name* is a disk image, compressed or not."""
    return Path(_unpacked_name(name)).suffix.lower() in ENDINGS


def name_of_disk(name: str) -> str:
    """The *name* of a disk image without what says its format: web-sda of web-sda.raw.xz, and of
    web-sda.stream.vmdk."""
    plain = _unpacked_name(name)
    end = next((end for end in OUR_ENDINGS if plain.lower().endswith(end)), Path(plain).suffix)
    return plain[: len(plain) - len(end)]


def _unpacked_name(name: str) -> str:
    return Path(name).stem if compressed.is_packed(Path(name)) else name


def stored(path: Path, said: str | None = None, where: Where | None = None) -> Disk:
    """Return the disk in the file *path*; *said* and *where* are as for trust.trusted().

    Raises RequestError if it is not to be trusted; for a compressed disk that is seen only when it
    is unpacked.
    """
    check_file(path, where)
    if compressed.is_packed(path):
        return Disk(path.resolve(), foreseen(path, said, where=where), packed=True)
    if by_hand := PACKED.get(path.suffix.lower()):
        raise RequestError(f"{path} is packed", hint=f"{by_hand} {path}", where=where)
    image = trusted(path, said, where=where)
    return Disk(image.path, image.driver)
