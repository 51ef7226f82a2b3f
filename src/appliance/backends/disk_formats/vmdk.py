"""VMDK in one file that grows (monolithicSparse), which VMware's desktop programs run directly."""

import re
from pathlib import Path

from appliance.backends.disk_formats import qemu_img
from appliance.backends.disk_formats.stream_vmdk import (
    DESCRIPTOR,
    DESCRIPTOR_SECTORS,
    SECTOR,
    virtual_size,
)
from appliance.backends.disk_formats.vmdk_words import FILE_NAME, content_id
from appliance.work import Conversion


class Vmdk:
    """VMDK as qemu-img writes it, but with a derived instead of a random CID, and a file name that
    is always the same."""

    name = suffix = "vmdk"
    says = "for VMware Workstation, Fusion and Player, and VirtualBox: plain, grows as it is used"
    compressed = False
    driver = "vmdk"
    tools: tuple[str, ...] = qemu_img.TOOLS

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw* as the monolithicSparse VMDK *image*.

        It states an LSI adapter: with qemu-img's default, ide, VMware would run it as an IDE disk.
        """
        qemu_img.written(work, self.driver, raw=raw, image=image, options="adapter_type=lsilogic")
        with image.open("r+b") as file:
            file.seek(DESCRIPTOR * SECTOR)
            text = file.read(DESCRIPTOR_SECTORS * SECTOR).rstrip(b"\0").decode()
            text = re.sub(r"(?m)^CID=.*$", f"CID={content_id(work.identity)}", text)
            text = re.sub(r'(?m)^(RW \d+ SPARSE) ".*"$', rf'\1 "{FILE_NAME}"', text)
            file.seek(DESCRIPTOR * SECTOR)
            file.write(text.encode().ljust(DESCRIPTOR_SECTORS * SECTOR, b"\0"))

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as its header says."""
        return virtual_size(image)
