"""Fill a filesystem as a kernel does: mounted, in a machine of its own."""

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
    """How to make a filesystem of a *kind* in a machine.

    *make* is the line of shell that makes it, but for the device at its end, out of *programs*;
    *options* are mount's (`-o compress=zstd`). *prepare* and *finish* are lines of shell before
    and after the files are copied to /mnt: so a btrfs gets its subvolumes. *overhead* is the
    filesystem's own share of what files need, for the error if they do not fit.
    """

    kind: str
    make: str
    programs: tuple[str, ...]
    options: str = ""
    prepare: str = ""
    finish: str = ""
    overhead: float = 0.1


def fill(work: Work, partition: Partition, how: Filling, *, disk: Path, tree: Path) -> None:
    """Make the partition of *disk* a filesystem that holds *tree*, but for its sockets.

    Raises RecipeError if the tree does not fit, and what InMachine.run does.
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
