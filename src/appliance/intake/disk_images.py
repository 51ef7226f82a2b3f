"""The bytes of trusted disk images, as a guest sees them."""

from collections.abc import Sequence
from pathlib import Path

from appliance.errors import RequestError
from appliance.host import command
from appliance.intake import compressed_disks as compressed
from appliance.intake.images import Disk
from appliance.intake.trust import RAW, TrustedImage, trusted


def raw_of(disk: Disk, scratch: Path) -> Path:
    """The disk as a guest sees it: its image itself, by its absolute name, if that is raw, else a
    sparse file that is made at *scratch*.

    Raises RequestError as trusted(), and if a compressed image is damaged; CommandError if another
    one is.
    """
    source, said = disk.path.absolute(), disk.disk_format
    if disk.scratch:
        with scratch.open("wb") as file:
            file.truncate(disk.scratch)
        return scratch
    if disk.packed:
        image = unpacked(disk, scratch)
        if image.driver == RAW:
            return scratch
        source, said = scratch.with_name(f"{scratch.name}.packed"), image.driver
        scratch.rename(source)
    image = trusted(source, said, alone=disk.packed)
    if image.driver == RAW and source.is_file():
        return source
    words = ["qemu-img", "convert", "-q", "-f", image.driver, "-O", "raw"]
    try:
        command.run([*words, source, scratch.absolute()])
    finally:
        if disk.packed:
            source.unlink()
    return scratch


def unpacked(disk: Disk, scratch: Path) -> TrustedImage:
    """Unpack the *packed* disk to *scratch*, and look at what came out: no other file holds bytes
    of it. Raises RequestError as trusted(), and if it is damaged; then there is nothing.
    """
    compressed.unpack(disk.path, scratch)
    try:
        return trusted(scratch, disk.disk_format, alone=True)
    except RequestError as error:
        scratch.unlink()
        problem = error.problem.replace(str(scratch), f"what is in {disk.path}")
        raise RequestError(problem, hint=error.hint, where=error.where, tail=error.tail) from None


def discs(paths: Sequence[Path]) -> tuple[Path, ...]:
    """*paths* for CD drives, in which QEMU takes all bytes as they are; raises RequestError if one
    is no file."""
    for path in paths:
        if not path.is_file():
            raise RequestError(f"there is no disc {path}")
    return tuple(path.resolve() for path in paths)
