"""A shell in an image's root: `python -m appliance.inspection.inside DISK WORKBENCH TOOLS NUMBER`.

The root filesystem is copied out of the image, without mounting it, into memory that goes away
with the shell; the image stays as it is. NUMBER is that of an open file with passphrases.
"""

import json
import os
import re
import shutil
import sys
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from appliance.codec import decode, encode
from appliance.errors import ApplianceError, CommandError, HostError, RequestError
from appliance.filesystem_facts import EXT
from appliance.host import command, sandbox
from appliance.host.jailed import in_jail
from appliance.host.sandbox.kernel import MS_RDONLY
from appliance.inspection.opened import NoRootError
from appliance.intake import disk_images, luks, mounted
from appliance.intake.images import Disk, Image
from appliance.intake.layers import USUAL, Means, volumes
from appliance.intake.mounted import Area
from appliance.store.results import Store
from appliance.units import SECTOR
from appliance.work import Jail

ROOT_TYPES = (
    "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "83",
    "E6D6D379-F507-44C2-A23C-238F2A3DF928", "8E",  # of volume groups
    "CA7D7CCB-63ED-4C53-861C-1742536059CC", "E8",  # of LUKS
)  # fmt: skip
PACKED = Path("/mnt/shown/packed")  # where the jail has what a kernel packed
ETC = re.compile(r"\./([^/]+/)?etc")  # of the root itself, or of a subvolume
DISK, SYSTEM = Path("/mnt/shown/disk"), "/mnt/sysimage"  # in the jail of the programs that read
NO_TABLE = "does not contain a recognized partition table"  # sfdisk(8) says
NO_FILESYSTEM = "Bad magic number in super-block"  # debugfs(8) says


def look(image: Image, store: Store, words: list[str], means: Means = USUAL) -> int:
    """Open a shell, or run *words*, in the root on the first disk of *image* that has one; *means*
    is what it takes to read it. Passphrases go to the program inside as an open file in memory.

    Returns its exit status. Raises RequestError if all disks are made empty when the machine
    starts; all else that is wrong with it is printed, and the status says which kind of error it
    is, as that of `appliance` does.
    """
    disks = [encode(disk) for disk in image.disks if not disk.scratch]
    if not disks:
        raise RequestError(
            f"the disks of {image.path} are made empty when the machine starts: they have no root"
        )
    disk = json.dumps(disks)
    store.open()
    with store.workbench() as bench, command.in_memory(json.dumps(means.passphrases)) as secret:
        program = [sys.executable, "-m", "appliance.inspection.inside"]
        argv = [*program, disk, str(bench), str(means.tools), str(secret.fileno()), *words]
        env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        status = command.interactive(sandbox.in_namespace(argv), env=env, lent=(secret,))
    if status == sandbox.REFUSED:
        raise HostError("a sandbox cannot be made on this host", hint="appliance doctor")
    return status


def main() -> int:
    """Run inside the namespace: copy the root out, then give the terminal to the jail."""
    disks = [decode(Disk, disk) for disk in json.loads(sys.argv[1])]
    place = Path(sys.argv[2])
    with os.fdopen(int(sys.argv[4])) as secret:  # closed: nothing of the image inherits it
        means = Means(Path(sys.argv[3]), tuple(json.load(secret)))
    total = sum(disk.path.stat().st_size for disk in disks)
    sandbox.mount_draft(place, in_memory=True, size=total * 20 + (1 << 30))
    root = place / "root"
    root.mkdir()
    for disk in disks:
        try:
            _copy_out(disk, place, root, means)
            break
        except NoRootError:
            if disk is disks[-1]:
                raise
    words = sys.argv[5:] or ["/bin/sh", "-i"]
    environment = {**command.ENVIRONMENT, "HOME": "/root", "TERM": os.environ.get("TERM", "dumb")}
    argv = in_jail(words, root=root, environment=environment, jail=Jail())
    os.execv(argv[0], argv)


def _copy_out(disk: Disk, place: Path, root: Path, means: Means) -> None:
    """Copy the root that *disk* holds to *root*. Raises NoRootError if there is none."""
    scratch, shown = place / "disk", place / "shown"
    shown.mkdir(exist_ok=True)
    (shown / DISK.name).touch()
    sandbox.bind(disk_images.raw_of(disk, scratch), shown / DISK.name, MS_RDONLY)
    try:
        reader = Reader(disk.path, shown, root, means)
        mounted_root = _mounted(reader, place)
        if mounted_root is None:
            reader.run(["debugfs", "-R", f"rdump / {SYSTEM}", address(reader.root_area())])
        else:
            words = ["tar", "--extract", "--file", str(PACKED), "--directory", SYSTEM]
            depth = len(PurePosixPath(mounted_root).parts)
            reader.run([*words, "--numeric-owner", f"--strip-components={depth}", mounted_root])
    finally:
        sandbox.lift(shown / DISK.name)
        scratch.unlink(missing_ok=True)
        for copy in set(shown.iterdir()) - {shown / DISK.name}:
            copy.unlink()


def address(area: Area) -> str:
    """What is in *area*, as e2fsprogs understand it in the jail."""
    return f"{DISK.parent / area.path.name}?offset={area.start}"


def _mounted(reader: "Reader", place: Path) -> str | None:
    """Pack what is in the filesystems that only a kernel reads, one after the other, into the file
    PACKED, until one has a root; return where that is in it. None if none has one."""
    packed = reader.shown / PACKED.name
    for area in reader.areas:
        kind = mounted.kind_of(area)
        if not kind:
            continue
        sys.stderr.write(f"reading {kind} with a kernel in a machine …\n")
        mounted.pack(area, kind, packed, tools=reader.means.tools, scratch=place)
        with tarfile.open(packed, "r:") as archive:
            names = (member.name for member in archive if member.isdir())
            found = [name.removesuffix("/etc") for name in names if ETC.fullmatch(name)]
        if found:
            return min(found, key=len)
    return None


@dataclass(frozen=True)
class Reader:
    """The programs that read a disk which somebody else made. They run in a jail in which *root*
    is all that they can write to, at SYSTEM, and the disk all that is there besides programs.

    That is needed: `rdump` of debugfs(8) believes the names in the filesystem, so that an entry
    named ../../etc/passwd, or a link with a file of the same name after it, leads it anywhere.

    *path*: what an error calls the disk.
    *shown*: the directory in which the disk, raw, is the file "disk", and what is decrypted or put
        together of it lies beside it.
    *root*: the directory for what is copied out of it.
    *means*: what it takes to read it.
    """

    path: Path
    shown: Path
    root: Path
    means: Means = USUAL

    def run(self, argv: list[str]) -> str:
        """Run *argv* in the jail; return what it printed. Raises as command.run()."""
        if not shutil.which(argv[0], path=command.ENVIRONMENT["PATH"]):
            raise HostError(f"{argv[0]} is not installed", hint="appliance doctor")
        jail = Jail(outside=True, binds=((self.shown, str(DISK.parent)),))
        words = in_jail(argv, root=self.root, environment=command.ENVIRONMENT, jail=jail)
        return command.run(words, name=argv[0])

    def root_area(self) -> Area:
        """Return where the root's filesystem is. Raises NoRootError if there is none."""
        for area in self.areas:
            if self._has_root(area):
                return area
        if any(luks.is_container(area) for area in self.areas):
            raise NoRootError(
                f"what may be the root of {self.path} is encrypted",
                hint="--passphrase file:PATH, or --passphrase ask",
            )
        raise NoRootError(
            f"no partition of {self.path} holds a root that can be read here: {EXT}, "
            f"{', '.join(mounted.OPTIONS)}, also in a logical volume or in LUKS",
            hint=f"appliance run {self.path}",
        )

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Each place at which a filesystem may begin, the likeliest root first."""
        disk, found = self.shown / DISK.name, []
        for kind in ROOT_TYPES:
            for partition in self._partitions():
                if partition["type"].upper() == kind:
                    start, size = (int(partition[key]) * SECTOR for key in ("start", "size"))
                    whole = Area(disk, start, size)
                    if luks.is_container(whole) and self.means.passphrases:
                        sys.stderr.write("opening LUKS with a kernel in a machine …\n")
                    found += [one.area for one in volumes(whole, self.means, self.shown)]
        return tuple(found)

    def _partitions(self) -> list[dict[str, Any]]:
        try:
            said = self.run(["sfdisk", "--json", str(DISK)])
        except CommandError as error:
            if any(NO_TABLE in line for line in error.tail):
                raise NoRootError(f"{self.path} has no partition table") from None
            raise
        # its warnings of a table that is damaged come before or after the JSON text
        table, _ = json.JSONDecoder().raw_decode(said, max(0, said.find("{")))
        return list(table["partitiontable"].get("partitions", ()))

    def _has_root(self, area: Area) -> bool:
        try:
            said = self.run(["debugfs", "-R", "stat /etc", address(area)])
        except CommandError as error:
            if any(NO_FILESYSTEM in line for line in error.tail):
                return False
            raise
        return "Type: directory" in said


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"appliance: {error}")
    except ApplianceError as error:
        sys.stderr.write(f"appliance: {error}\n")
        sys.exit(error.exit_code)
