"""Disks and mounts under their old names, without loop devices, and without mounts that anybody
else sees.

A disk is a file, and its device the file itself. Mounting one copies its files into the directory,
unmounting copies what was changed back; so nothing can be read from the image in between. Only
ext2, ext3 and ext4 can be copied so. Raises MountError, a CreatorError.
"""

import os
from pathlib import Path
from typing import Any

from appliance.host import rooted, sandbox, trees
from imgcreate import copying
from imgcreate.engine import enter
from imgcreate.errors import MountError, told_as

READ_ONLY = ("ro", "-r")
MS_RDONLY = 1


def makedirs(dirname: str, dirmode: int | None = None) -> None:
    """Make a directory and those above it, if they are not there."""
    Path(dirname).mkdir(mode=0o777 if dirmode is None else dirmode, parents=True, exist_ok=True)


class Disk:
    """Something of *size* bytes that holds a filesystem; *device* is its path once it is made."""

    def __init__(self, size: int, device: str | None = None) -> None:
        self.size, self.device = size, device

    def create(self, ops: str = "") -> None:
        """Make it usable: from here on it has a device."""

    def cleanup(self) -> None:
        """Take back what create() made."""

    def get_device(self) -> str | None:
        """The path of the disk's device or file, or None before create()."""
        return self.device

    def set_device(self, path: str) -> None:
        """Say where the disk's device or file is."""
        self.device = path

    def get_size(self) -> int:
        """The size of the disk, in bytes."""
        return self.size

    def fixed(self) -> bool:
        """Whether its size cannot change."""
        return False

    def exists(self) -> bool:
        """Whether it was there before create()."""
        return False


class RawDisk(Disk):
    """A device of this machine, or a file, as it is."""

    def fixed(self) -> bool:
        """It is as large as it is."""
        return True

    def exists(self) -> bool:
        """Whether the device is there: always, since somebody else made it."""
        return True


class LoopbackDisk(Disk):
    """The file *lofile*: no loop device, the file is the device."""

    def __init__(
        self,
        lofile: str,
        size: int,
        ops: str = "",
        fstype: str | None = None,
        dirmode: int | None = None,
    ) -> None:
        super().__init__(size)
        self.lofile, self.ops, self.fstype, self.dirmode = lofile, ops, fstype, dirmode

    def exists(self) -> bool:
        """Whether the file is there."""
        return Path(self.lofile).exists()

    def create(self, ops: str = "") -> None:
        """The file has to be there."""
        del ops
        if not self.exists():
            raise MountError(f"there is no file '{self.lofile}'")
        self.device = self.lofile

    def cleanup(self) -> None:
        """Forget the device; the file stays."""
        self.device = None


class SparseLoopbackDisk(LoopbackDisk):
    """A file that takes no more room than what is in it."""

    def expand(
        self, create: bool = False, size: int | None = None, dirmode: int | None = None
    ) -> None:
        """Make the file at least *size* bytes long (default: the disk's), and there if *create*."""
        size = self.size if size is None else size
        path = Path(self.lofile)
        if create:
            makedirs(str(path.parent), dirmode or self.dirmode)
            path.touch()
        with told_as(MountError):
            if path.stat().st_size < size:
                os.truncate(path, size)

    def truncate(self, size: int | None = None) -> None:
        """Make the file exactly *size* bytes long (default: the disk's)."""
        with told_as(MountError):
            os.truncate(self.lofile, self.size if size is None else size)

    def create(self, ops: str = "", dirmode: int | None = None) -> None:
        """Make the file of the disk."""
        self.expand(create=True, dirmode=dirmode)
        super().create(ops)


class ExistingSparseLoopbackDisk(SparseLoopbackDisk):
    """One that is there, and stays as large as it is."""

    def create(self, ops: str = "", dirmode: int | None = None) -> None:
        """The file has to be there."""
        del dirmode
        LoopbackDisk.create(self, ops)


class Mount:
    """Something that can be had at *mountdir*."""

    def __init__(self, mountdir: str) -> None:
        self.mountdir = mountdir

    def cleanup(self) -> None:
        """Take it away for good."""
        self.unmount()

    def mount(self, ops: str = "", dirmode: int | None = None) -> None:
        """Mount it at its directory, with the options *ops*."""

    def unmount(self) -> None:
        """Unmount it, if it is mounted."""


class DiskMount(Mount):
    """The files of *disk* in the directory *mountdir*, which is removed afterwards if it was made.

    With *ops* "ro" nothing is written back.
    """

    def __init__(
        self,
        disk: Any,
        mountdir: str,
        fstype: str | None = None,
        rmmountdir: bool = True,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        super().__init__(mountdir)
        self.disk, self.fstype, self.rmmountdir = disk, fstype, rmmountdir
        self.ops, self.dirmode = ops, dirmode
        self.mounted = self.rmdir = self.created = self._read_only = False
        self._seen: trees.Snapshot = {}

    def mount(self, ops: str = "", dirmode: int | None = None) -> None:
        """Copy the files of the disk into the directory, which has to be empty."""
        if self.mounted:
            return
        with told_as(MountError):
            enter()
        self._create(ops)
        place = Path(self.mountdir)
        if not place.is_dir():
            makedirs(self.mountdir, dirmode or self.dirmode)
            self.rmdir = self.rmmountdir
        if any(place.iterdir()):
            raise MountError(f"'{place}' is not empty: what is in it would not be seen")
        device = self.disk.device
        if not copying.is_ext(device):
            raise MountError(f"'{device}' holds no ext filesystem: others cannot be copied out")
        copying.copy_out(device, place)
        self._read_only = any(word in (ops or self.ops) for word in READ_ONLY)
        self._seen = trees.look(place)
        self.mounted = True

    def unmount(self) -> None:
        """Copy what changed into the disk, and empty the directory."""
        if not self.mounted:
            return
        place = Path(self.mountdir)
        held = [path for path in mounts() if Path(path).is_relative_to(place.resolve())]
        if held:
            raise MountError(f"Unable to unmount filesystem at {place}: {held[0]} is in use")
        if not self._read_only:
            self._write_back(place)
        for path in place.iterdir():
            trees.remove(path)
        self.mounted = False
        if self.rmdir:
            place.rmdir()
            self.rmdir = False

    def _write_back(self, place: Path) -> None:
        copying.copy_in(self.disk.device, place, self._seen)

    def cleanup(self) -> None:
        """Unmount, and have done with the disk."""
        super().cleanup()
        self.disk.cleanup()
        self.created = False

    def remount(self, ops: str) -> None:
        """Only "ro" and "rw" mean something here: whether unmount() writes back."""
        if self.mounted:
            self._read_only = any(word in ops for word in READ_ONLY)

    def _create(self, ops: str = "") -> None:
        if not self.created:
            self.disk.create(ops=ops)
            self.created = True


class ExtDiskMount(DiskMount):
    """A DiskMount that makes the filesystem of a disk that was not there, and can resize it."""

    def __init__(
        self,
        disk: Any,
        mountdir: str,
        fstype: str,
        blocksize: int,
        fslabel: str,
        rmmountdir: bool = True,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        super().__init__(disk, mountdir, fstype, rmmountdir, ops, dirmode)
        self.blocksize, self.fslabel = blocksize, f"_{fslabel}"
        self._fresh = False

    def resize(self, size: int | None = None) -> int:
        """Make filesystem and file *size* bytes (default: the disk's); returns that."""
        size = self.disk.size if size is None else size
        now = Path(self.disk.lofile).stat().st_size
        if size > now:
            self.disk.expand(size=size)
        copying.resize(self.disk.lofile, size)
        if size < now:
            self.disk.truncate(size)
        return size

    def resparse(self, size: int | None = None, ops: str | None = None) -> int:
        """Give back all room that nothing is in, then make it *size* bytes again; returns the
        smallest size that it could have."""
        del ops
        if self.mounted:
            raise MountError("resparse() before unmount(): its files are still outside")
        smallest = copying.shrink(self.disk.lofile)
        self.disk.truncate(smallest)
        self.resize(size)
        return smallest

    def _create(self, ops: str = "") -> None:
        if self.created:
            return
        old = self.disk.exists() and not self.disk.fixed()
        super()._create(ops)
        if old:
            if Path(self.disk.lofile).stat().st_size != self.disk.size:
                self.resize()
        else:
            self._make()
            self._fresh = True

    def _make(self, tree: Path | None = None) -> None:
        copying.make(
            self.disk.device,
            self.disk.size,
            fstype=self.fstype or "ext4",
            blocksize=self.blocksize,
            label=self.fslabel,
            tree=tree,
        )

    def _write_back(self, place: Path) -> None:
        """A new filesystem is made once more, of the whole tree: with all that files can have."""
        if not self._fresh:
            super()._write_back(place)
        elif trees.look(place) != self._seen:
            self._make(place)
        self._fresh = False


class BindChrootMount:
    """The directory or file *src* of this machine, shown at *dest* (default: *src*) in *chroot*.

    It is mounted in our own namespace: nobody outside sees it, and it goes away with us.
    """

    def __init__(
        self,
        src: str,
        chroot: str,
        dest: str | None = None,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        self.src, self.root, self.ops, self.dirmode = src, chroot, ops, dirmode
        self.dest = self.mountdir = str(Path(chroot, (dest or src).lstrip("/")))
        self.mounted = False

    def mount(self, ops: str = "", dirmode: int | None = None) -> None:
        """Show it; links in the chroot never lead out of it."""
        if self.mounted or not Path(self.src).exists():
            return
        with told_as(MountError):
            enter()
            place = rooted.find(Path(self.root), os.path.relpath(self.dest, self.root))
            if Path(self.src).is_dir():
                makedirs(str(place), dirmode or self.dirmode)
            else:
                makedirs(str(place.parent))
                place.touch()
            read_only = any(word in (ops or self.ops) for word in READ_ONLY)
            sandbox.bind(self.src, place, MS_RDONLY if read_only else 0)
        self.mountdir = str(place)
        self.mounted = True

    def unmount(self) -> None:
        """Unmount it, if it is mounted; raises MountError if that fails."""
        if self.mounted:
            with told_as(MountError):
                sandbox.lift(Path(self.mountdir))
            self.mounted = False

    def remount(self, ops: str) -> None:
        """Show it anew, with *ops*."""
        if self.mounted:
            self.unmount()
            self.mount(ops)

    def cleanup(self) -> None:
        """Unmount it, and remove what mount() made."""
        self.unmount()


def mounts() -> list[str]:
    """Where something is mounted in our namespace (proc_pid_mountinfo(5))."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4].encode().decode("unicode_escape") for line in lines]
