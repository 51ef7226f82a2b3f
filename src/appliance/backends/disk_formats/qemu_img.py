"""What several formats have qemu-img do: write an image, and check that it holds the disk."""

from pathlib import Path

from appliance.errors import CommandError
from appliance.work import Conversion

TOOLS = ("qemu-img",)
CHECKED = ("qcow2", "vdi", "vhdx", "vmdk")  # the drivers that know `qemu-img check`


def written(work: Conversion, driver: str, *, raw: Path, image: Path, options: str = "") -> None:
    """Write *image* with QEMU's block driver *driver* and its comma-separated *options*.

    Neither holes nor zeros of *raw* are written. All other blocks are written in order (no -W), so
    that the bytes are the same each time, but for identities that qemu-img draws.
    """
    chosen = ["-o", options] if options else []
    work.run(["qemu-img", "convert", "-q", "-f", "raw", "-O", driver, *chosen, raw, image])


def verified(work: Conversion, driver: str, *, raw: Path, image: Path) -> None:
    """Check the finished *image*, of QEMU's block driver *driver*, and compare it with *raw*.

    Raises CommandError if anything is wrong with the image. Holes of *raw* are not read.
    """
    try:
        if driver in CHECKED:
            work.run(["qemu-img", "check", "-q", "-f", driver, image])
        work.run(["qemu-img", "compare", "-f", "raw", "-F", driver, raw, image])
    except CommandError as error:
        raise wrong(driver, error) from error


def wrong(driver: str, error: Exception) -> CommandError:
    """Return the error for an image that does not hold the disk, because of *error*."""
    said = error.problem if isinstance(error, CommandError) else str(error)
    return CommandError(
        f"the {driver} image that was just made is not what the disk is: {said}",
        hint="another version of qemu-img; the memory and the disk of this machine",
        tail=error.tail if isinstance(error, CommandError) else (),
    )
