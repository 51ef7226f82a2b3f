"""VDI, the format of VirtualBox's own disks."""

import struct
from pathlib import Path
from uuid import UUID

from appliance.backends.disk_formats import qemu_img
from appliance.layout.identity import stable_uuid
from appliance.work import Conversion

# Bytes of the header, version 1.1: VirtualBox's VDICore.h, QEMU's block/vdi.c.
DISK_SIZE, IDENTITIES = 0x170, 0x188


class Vdi:
    """VDI as qemu-img writes it, but with derived instead of random UUIDs: that of the image, and
    the one that changes with its content."""

    name = suffix = "vdi"
    says = "for VirtualBox: plain, grows as it is used"
    compressed = False
    driver = "vdi"
    tools: tuple[str, ...] = qemu_img.TOOLS

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw* as the VDI *image*, with UUIDs that are derived and not drawn."""
        qemu_img.written(work, self.driver, raw=raw, image=image)
        own = [UUID(work.identity), UUID(stable_uuid(work.identity, "content"))]
        with image.open("r+b") as file:
            file.seek(IDENTITIES)
            file.write(b"".join(uuid.bytes_le for uuid in own))

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as its header says."""
        with image.open("rb") as file:
            file.seek(DISK_SIZE)
            return int(struct.unpack("<Q", file.read(8))[0])
