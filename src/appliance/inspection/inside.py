"""A shell in an image's root: `python -m appliance.inspection.inside DISK WORKBENCH`.

The root filesystem is copied out of the image, without mounting it, into memory that goes away
with the shell; the image stays as it is.
"""

import json
import os
import sys
from pathlib import Path

from appliance.codec import decode, encode
from appliance.errors import ApplianceError, HostError, RequestError
from appliance.host import command, sandbox
from appliance.host.jailed import in_jail
from appliance.intake import disk_images
from appliance.intake.images import Disk, Image
from appliance.store.results import Store
from appliance.units import SECTOR
from appliance.work import Jail

ROOT_TYPES = ("4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "83")


def look(image: Image, store: Store, words: list[str]) -> int:
    """Open a shell, or run *words*, in the root on the first disk of *image*.

    Returns its exit status. Raises RequestError if there is no root on it.
    """
    disk = json.dumps(encode(image.disks[0]))
    store.open()
    with store.workbench() as bench:
        argv = [sys.executable, "-m", "appliance.inspection.inside", disk, str(bench), *words]
        env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        status = command.interactive(sandbox.in_namespace(argv), env=env)
    if status == sandbox.REFUSED:
        raise HostError("a sandbox cannot be made on this host", hint="appliance doctor")
    return status


def main() -> int:
    """Run inside the namespace: copy the root out, then give the terminal to the jail."""
    disk, place = decode(Disk, json.loads(sys.argv[1])), Path(sys.argv[2])
    sandbox.mount_draft(place, in_memory=True, size=disk.path.stat().st_size * 20 + (1 << 30))
    scratch, root = place / "disk", place / "root"
    root.mkdir()
    if (raw := disk_images.raw_of(disk, scratch)) != scratch:
        scratch.symlink_to(raw)  # its own name may mean something to debugfs
    start = _root_start(scratch)
    command.run(["debugfs", "-R", f"rdump / {root}", f"{scratch}?offset={start}"])
    scratch.unlink()
    words = sys.argv[3:] or ["/bin/sh", "-i"]
    environment = {**command.ENVIRONMENT, "HOME": "/root", "TERM": os.environ.get("TERM", "dumb")}
    argv = in_jail(words, root=root, environment=environment, jail=Jail())
    os.execv(argv[0], argv)


def _root_start(raw: Path) -> int:
    """Return the byte of the disk at which the root's partition starts."""
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
    except OSError as error:
        sys.exit(f"appliance: {error}")
    except ApplianceError as error:
        sys.stderr.write(f"appliance: {error}\n")
        sys.exit(error.exit_code)
