"""Fill a filesystem by mounting it in a virtual machine, for what no mkfs program can do."""

from dataclasses import dataclass
from pathlib import Path

from appliance.backends.filesystems.model import FULL, Partition, too_small
from appliance.errors import CommandError
from appliance.work import MachineDisk, Work

TARGET, ARCHIVE, PLACE = "/dev/vda", "/dev/vdb", "/mnt"
TAR = "--numeric-owner --acls --xattrs --xattrs-include=*"
SCRIPT = """\
{make} {target}
mount -t {kind} {options} {target} {place}
{prepare}
tar --extract --file {archive} --directory {place} --preserve-permissions --warning=no-timestamp \\
  --numeric-owner --acls --xattrs --xattrs-include='*' --delay-directory-restore
{finish}
umount {place}
"""


@dataclass(frozen=True)
class Filling:
    """How to make and fill one filesystem in a machine.

    *kind*: the kernel's name of the filesystem, and of its module.
    *make*: the command that makes it, without the device, which is put at its end.
    *programs*: the programs that the commands need.
    *options*: the options of mount, for instance `-o compress=zstd`.
    *prepare*: lines of shell that run before the files are copied to /mnt, for instance to make
        subvolumes.
    *finish*: lines of shell that run after that.
    *overhead*: the share of the files' size that the filesystem needs for itself, for the error if
        they do not fit.
    """

    kind: str
    make: str
    programs: tuple[str, ...]
    options: str = ""
    prepare: str = ""
    finish: str = ""
    overhead: float = 0.1


def fill(work: Work, partition: Partition, how: Filling, *, disk: Path, tree: Path) -> None:
    """Make a filesystem at the partition's place in *disk*, and copy *tree* into it, but for
    sockets.

    Raises RecipeError if the files do not fit or the image has no kernel that can do it,
    CommandError if a program fails in the machine, HostError if there is no QEMU.
    """
    archive = work.scratch / "tree.tar"
    work.run(["tar", "--create", "--file", archive, "--directory", tree, "--sort=name",
              "--format=posix", "--sparse", *TAR.split(), "."])  # fmt: skip
    script = SCRIPT.format(
        make=how.make, target=TARGET, kind=how.kind, options=how.options, place=PLACE,
        archive=ARCHIVE, prepare=how.prepare, finish=how.finish,
    )  # fmt: skip
    disks = (
        MachineDisk(disk, partition.start, partition.size),
        MachineDisk(archive, writable=False),
    )
    try:
        work.machine.run(script, programs=how.programs, modules=(how.kind,), disks=disks)
    except CommandError as error:
        if any(word in line for word in FULL for line in error.tail):
            raise too_small(partition, tree, overhead=how.overhead) from error
        raise
    finally:
        archive.unlink()
