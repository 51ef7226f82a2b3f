"""Whether a disk is the one that its bundle describes."""

import hashlib
from pathlib import Path

from appliance.errors import RequestError
from appliance.host import trees
from appliance.intake.images import Image


def verify(image: Image) -> str:
    """The sha256 of the file that names *image*, after check_disks()."""
    check_disks(image)
    return sha256(image.path)


def check_disks(image: Image) -> None:
    """Raise RequestError if a disk of *image* is not the one that the bundle describes; nothing is
    read where it states no digest."""
    for disk in image.disks:
        if disk.scratch:
            continue  # made at launch
        compare(disk.path, image.path, sha256_=disk.sha256, sha1=disk.sha1)


def compare(file: Path, path: Path, *, sha256_: str, sha1: str) -> None:
    """Raise RequestError if *file* has another digest than what *path* states of it.

    The SHA-1 counts only where no SHA-256 is stated.
    """
    kind, stated, digest = ("sha256", sha256_, sha256) if sha256_ else ("sha1", sha1, _sha1)
    if stated and digest(file) != stated:
        raise RequestError(
            f"{file} is not the disk that {path.name} describes: {kind} differs",
            hint=f"build or download the bundle again; if you changed it, name {file} itself",
        )


def sha256(path: Path) -> str:
    """Digest of a file's bytes, in hexadecimal; its holes are not read."""
    return _whole(path, "sha256") if path.is_block_device() else trees.sha256(path)


def _sha1(path: Path) -> str:
    return _whole(path, "sha1")


def _whole(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()
