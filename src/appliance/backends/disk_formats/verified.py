"""Whether an image holds what the disk does, as QEMU sees it."""

from pathlib import Path

from appliance.errors import CommandError
from appliance.work import Work

CHECKED = ("qcow2", "vdi", "vhdx", "vmdk")  # the drivers that know `qemu-img check`


def verified(work: Work, driver: str, *, raw: Path, image: Path) -> None:
    """Check the finished *image*, of QEMU's block driver *driver*, and compare it with *raw*.

    Raises CommandError if anything is wrong with it. Holes of *raw* are not read.
    """
    try:
        if driver in CHECKED:
            work.run(["qemu-img", "check", "-q", "-f", driver, image])
        work.run(["qemu-img", "compare", "-q", "-f", "raw", "-F", driver, raw, image])
    except CommandError as error:
        raise CommandError(
            f"the {driver} image that was just made is not what the disk is: {error.problem}",
            hint="another version of qemu-img; the memory and the disk of this machine",
            tail=error.tail,
        ) from error
