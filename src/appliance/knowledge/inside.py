"""A shell in an image's root: `python -m appliance.knowledge.inside IMAGE WORKBENCH`.

The root filesystem is copied out of the image, without mounting it, into memory that goes away
with the shell; the image stays as it is.
"""

import json
import os
import sys
from pathlib import Path

from appliance.backends import disk_formats
from appliance.errors import ApplianceError, HostError, RequestError
from appliance.host import command, sandbox
from appliance.host.jailed import in_jail
from appliance.intake import compressed_disks as compressed
from appliance.store.results import Store
from appliance.units import SECTOR
from appliance.work import Jail

ROOT_TYPES = ("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "83")


def look(image: Path, store: Store, words: list[str]) -> int:
    """Open a shell, or run *words*, in the root of *image* (a disk, or a bundle's directory).

    Returns its exit status. Raises RequestError if there is no image or no root in it.
    """
    disk = disk_of(image)
    store.open()
    with store.workbench() as bench:
        argv = [sys.executable, "-m", "appliance.knowledge.inside", str(disk), str(bench), *words]
        env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        status = command.interactive(sandbox.in_namespace(argv), env=env)
    if status == sandbox.REFUSED:
        raise HostError("a sandbox cannot be made on this host", hint="appliance doctor")
    return status


def disk_of(image: Path) -> Path:
    """The first disk of a bundle's directory, or the file itself."""
    if image.is_dir():
        found = disk_formats.images(image)
        if not found:
            raise RequestError(f"{image} holds no disk image")
        return found[0].absolute()
    if not image.exists():
        raise RequestError(f"there is no {image}")
    return image.absolute()


def main() -> int:
    """Run inside the namespace: copy the root out, then give the terminal to the jail."""
    disk, place = Path(sys.argv[1]), Path(sys.argv[2])
    sandbox.mount_draft(place, in_memory=True, size=disk.stat().st_size * 20 + (1 << 30))
    raw, root = place / "disk", place / "root"
    root.mkdir()
    if compressed.is_packed(disk):
        compressed.unpack(disk, raw)
    else:
        command.run(["qemu-img", "convert", "-O", "raw", disk, raw])
    start = _root_start(raw)
    command.run(["debugfs", "-R", f"rdump / {root}", f"{raw}?offset={start}"])
    raw.unlink()
    words = sys.argv[3:] or ["/bin/sh", "-i"]
    environment = {**command.ENVIRONMENT, "HOME": "/root", "TERM": os.environ.get("TERM", "dumb")}
    argv = in_jail(words, root=root, environment=environment, jail=Jail())
    os.execv(argv[0], argv)


def _root_start(raw: Path) -> int:
    """The byte where the root's partition starts."""
    table = json.loads(command.run(["sfdisk", "--json", raw]))["partitiontable"]
    for kind in ROOT_TYPES:
        for partition in table.get("partitions", ()):
            start = int(partition["start"]) * SECTOR
            if partition["type"].upper() == kind and _has_root(raw, start):
                return start
    raise RequestError("no partition of the image holds a root that can be read (ext4)")


def _has_root(raw: Path, start: int) -> bool:
    said = command.run(["debugfs", "-R", "stat /etc", f"{raw}?offset={start}"])
    return "Type: directory" in said


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ApplianceError, OSError) as error:
        sys.exit(f"appliance: {error}")
