"""The mounts of 2007: a file and its directory in one object."""

from imgcreate.errors import MountError
from imgcreate.fs import DiskMount, ExtDiskMount, LoopbackDisk, SparseLoopbackDisk


class LoopbackMount:
    """The files of the filesystem in *lofile*, in the directory *mountdir*."""

    diskmount: DiskMount

    def __init__(
        self,
        lofile: str,
        mountdir: str,
        fstype: str | None = None,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        disk = LoopbackDisk(lofile, size=0, ops=ops, dirmode=dirmode)
        self.diskmount = DiskMount(disk, mountdir, fstype, ops=ops, dirmode=dirmode)

    def mount(self, ops: str = "", dirmode: int | None = None) -> None:
        """Mount the filesystem, as DiskMount does."""
        self.diskmount.mount(ops, dirmode)

    def unmount(self) -> None:
        """Unmount the filesystem, as DiskMount does."""
        self.diskmount.unmount()

    def cleanup(self) -> None:
        """Unmount it and give back what it used, as DiskMount does."""
        self.diskmount.cleanup()

    def loopsetup(self, ops: str = "") -> None:
        """There is none: always MountError."""
        del ops
        raise MountError("loopsetup() cannot be had: there are no loop devices here; mount() works")

    def lounsetup(self) -> None:
        """Do nothing: no loop device was set up, so none is taken away."""


class SparseLoopbackMount(LoopbackMount):
    """One whose file can be made, of *size* bytes."""

    def __init__(
        self,
        lofile: str,
        mountdir: str,
        size: int,
        fstype: str | None = None,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        disk = SparseLoopbackDisk(lofile, size)
        self.diskmount = DiskMount(disk, mountdir, fstype, ops=ops, dirmode=dirmode)

    def expand(self, create: bool = False, size: int | None = None) -> None:
        """Enlarge the file, as SparseLoopbackDisk does."""
        self.diskmount.disk.expand(create, size)

    def truncate(self, size: int | None = None) -> None:
        """Cut the file off, as SparseLoopbackDisk does."""
        self.diskmount.disk.truncate(size)

    def create(self) -> None:
        """Make the file, as SparseLoopbackDisk does."""
        self.diskmount.disk.create()


class SparseExtLoopbackMount(SparseLoopbackMount):
    """One whose filesystem can be made, too."""

    def __init__(
        self,
        lofile: str,
        mountdir: str,
        size: int,
        fstype: str,
        blocksize: int,
        fslabel: str,
        ops: str = "",
        dirmode: int | None = None,
    ) -> None:
        disk = SparseLoopbackDisk(lofile, size)
        self._ext = ExtDiskMount(
            disk, mountdir, fstype, blocksize, fslabel, ops=ops, dirmode=dirmode
        )
        self.diskmount = self._ext

    def resize(self, size: int | None = None) -> int:
        """Give the filesystem another size, as ExtDiskMount does."""
        return self._ext.resize(size)

    def resparse(self, size: int | None = None, ops: str | None = None) -> int:
        """Make the filesystem as small as it can be and large again, as ExtDiskMount does."""
        return self._ext.resparse(size, ops)
