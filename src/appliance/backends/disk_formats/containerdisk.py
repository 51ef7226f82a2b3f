"""A disk in a container image, from which KubeVirt starts machines out of a registry."""

import tarfile
from pathlib import Path

from appliance.backends.bundle_formats import oci
from appliance.backends.disk_formats.qcow2 import QCOW2
from appliance.backends.disk_formats.qemu_img import verified
from appliance.units import MIB
from appliance.work import Conversion

OWNER, MODE = 107, 0o440  # of qemu there (KubeVirt's user guide, "Disks and Volumes")
PLACE = "disk/disk.qcow2"
ARM = b"BOOTAA64EFI"  # the firmware's loader, as a FAT directory lists it
LOOKED_AT = 256 * MIB
PIECE = 8 * MIB
(PLAIN,) = (kind for kind in QCOW2 if kind.name == "qcow2-plain")


class ContainerDisk:
    """An OCI archive of one layer: the disk as qcow2 below /disk, and nothing else."""

    name = "containerdisk"
    suffix = "containerdisk.tar"
    says = "an OCI archive for a registry, from which KubeVirt starts machines"
    compressed = True
    driver = ""
    tools = (*PLAIN.tools, "zlib-ng")

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the container image *image*, whose one layer holds the disk *raw* as a qcow2.

        The qcow2 is not compressed itself, since the layer is.
        """
        disk, packed = work.scratch / "disk.qcow2", work.scratch / "layer.tar.gz"
        PLAIN.convert(work, raw=raw, image=disk)
        verified(work, PLAIN.driver, raw=raw, image=disk)
        with oci.layer(packed, cores=work.cores) as (layer, stream):
            entry = tarfile.TarInfo(PLACE)
            entry.size, entry.mode, entry.mtime = disk.stat().st_size, MODE, work.clock
            entry.uid = entry.gid = OWNER
            stream.write(entry.tobuf(tarfile.GNU_FORMAT))
            with disk.open("rb") as file:
                while data := file.read(PIECE):
                    stream.write(data)
            stream.write(bytes(-entry.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE))
        disk.unlink()
        about = oci.About(_architecture(raw), work.clock,
                          annotations={oci.SIZE: str(raw.stat().st_size)})  # fmt: skip
        oci.write_image(image, layer, about)
        packed.unlink()

    def size(self, image: Path) -> int:
        """The size of the disk in the container image *image*, in bytes, as its annotation says."""
        return int(oci.annotation(image, oci.SIZE))


def _architecture(raw: Path) -> str:
    """The architecture of the disk's EFI boot loader, as the kernel names it; a disk without one
    is taken for x86_64."""
    with raw.open("rb") as file:
        before = b""
        while file.tell() < LOOKED_AT and (data := file.read(PIECE)):
            if ARM in before + data:
                return "aarch64"
            before = data[-len(ARM) :]
    return "x86_64"
