"""ApplianceImageCreator: the system on disks, with the XML that starts it."""

from pathlib import Path
from typing import Any

from appliance.backends.launchers.virt_image import VirtImage
from appliance.bundle.sheet import Sheet
from appliance.handover.form import FOLDER, Handover
from appliance.plan.make import Target
from appliance.units import MIB
from imgcreate.creator import ImageCreator
from imgcreate.engine import Build
from imgcreate.errors import CreatorError, told_as

COMPRESSED = {"raw": "raw.xz"}
PLAIN = {"qcow2": "qcow2-plain", "raw.xz": "raw"}


class ApplianceImageCreator(ImageCreator):
    """A machine with *vmem* MiB of memory and *vcpu* processors, its disks in *disk_format*.

    The engine partitions, makes filesystems and boot loader when the image is packaged, of the tree
    as hooks and scripts left it.
    """

    _has_disks = True

    def __init__(
        self,
        ks: Any,
        name: str,
        disk_format: str,
        vmem: int,
        vcpu: int,
        releasever: str | None = None,
        no_compress: bool = False,
    ) -> None:
        super().__init__(ks, name, releasever=releasever)
        self.vmem, self.vcpu, self.checksum = vmem, vcpu, False
        self.appliance_version: str | None = None
        self.appliance_release: str | None = None
        self._form, self._include = FOLDER, ""
        formats = PLAIN if no_compress else COMPRESSED
        self._format = formats.get(disk_format, disk_format)

    def _get_fstab(self) -> str:
        """What the engine wrote for the partitions of the kickstart."""
        return Path(self._instroot, "etc/fstab").read_text()

    def _new_build(self, text: str) -> Build:
        build = super()._new_build(text)
        build.target = Target(formats=(self._format,), memory=int(self.vmem) * MIB)
        build.sheet = Sheet(
            version=self.appliance_version or self.releasever or "",
            release=self.appliance_release or "",
            memory=int(self.vmem) * MIB,
            cpus=int(self.vcpu),
        )
        return build

    def _stage_final_image(self, ops: Any = None) -> None:
        """Have the engine make NAME/ in _outdir, or an archive of it."""
        del ops
        if self._build is None:
            raise CreatorError("package() before install(): there is no system")
        handover = Handover(
            launchers=(VirtImage(always=True),),
            checksums=self.checksum,
            description=False,
            sums=False,
            log=False,
            include=(Path(self._include).absolute(),) if self._include else (),
            forms=(self._form,),
        )
        with told_as(CreatorError):
            self._build.make(handover, Path(self._outdir))

    def package(
        self, destdir: str = ".", package: str = FOLDER, include: str | None = None
    ) -> None:
        """NAME/ in *destdir*, with NAME.xml; or packed as *package* says: none, zip, tar.bz2.

        *include* is a file, or a directory whose content, that comes along.
        """
        self._form, self._include = package, include or ""
        super().package(destdir)
