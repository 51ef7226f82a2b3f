"""VHD, the format of Virtual PC, the first Hyper-V and Azure: dynamic or fixed."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from appliance.backends.disk_formats import qemu_img
from appliance.errors import CommandError
from appliance.work import Conversion

# Microsoft's "Virtual Hard Disk Image Format Specification", 1.0: "Hard Disk Footer Format". All
# numbers are big-endian. Dynamic disks have a copy of it at their beginning.
FOOTER, COOKIE = 512, b"conectix"
TIME, SIZE, CHECKSUM, IDENTITY = 24, 48, 64, 68
EPOCH = 946_684_800  # 2000-01-01, in seconds since 1970


@dataclass(frozen=True)
class Vhd:
    """VHD as qemu-img writes it, but with the build's time and a derived UUID.

    *name*: the name of the format, as `--format` takes it.
    *suffix*: what the names of its files end with.
    *says*: what it is for, in a phrase for help texts.
    *options*: qemu-img's options that say which kind of VHD it is.
    *compressed*: whether packing an image again gains nothing.
    *driver*: QEMU's name of the format.
    *tools*: the tools of host/tools.py whose versions count for the bytes.
    """

    name: str
    suffix: str
    says: str
    options: str
    compressed: bool = False
    driver: str = "vpc"
    tools: tuple[str, ...] = qemu_img.TOOLS

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw* as the VHD *image*.

        With the option force_size the image has the size of the disk, not the next one that a
        geometry of cylinders can express: Azure takes whole MiB only.
        """
        options = f"{self.options},force_size=on"
        qemu_img.written(work, self.driver, raw=raw, image=image, options=options)
        with image.open("r+b") as file:
            for place, whence in ((0, os.SEEK_SET), (-FOOTER, os.SEEK_END)):
                start = file.seek(place, whence)
                footer = file.read(FOOTER)
                if footer.startswith(COOKIE):
                    file.seek(start)
                    file.write(repeatable(footer, work))

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as its footer says; raises CommandError if
        it has none."""
        with image.open("rb") as file:
            file.seek(-FOOTER, os.SEEK_END)
            footer = file.read(FOOTER)
        if not footer.startswith(COOKIE):
            raise CommandError(f"{image} has no footer of a VHD")
        return int(struct.unpack_from(">Q", footer, SIZE)[0])


VHD = (
    Vhd(
        "vhd",
        "vhd",
        "for Virtual PC, older Hyper-V and XenServer: plain, grows as it is used",
        "subformat=dynamic",
    ),
    Vhd(
        "vhd-fixed",
        "fixed.vhd",
        "for Azure: the plain bytes and a footer, as large as the disk; a sparse file",
        "subformat=fixed",
    ),
)


def repeatable(footer: bytes, work: Conversion) -> bytes:
    """Return *footer* with the build's time and the step's identity, and with the checksum that
    goes with them: the complement of the sum of all other bytes."""
    made = bytearray(footer)
    struct.pack_into(">I", made, TIME, max(work.clock - EPOCH, 0))
    struct.pack_into(">I", made, CHECKSUM, 0)
    made[IDENTITY : IDENTITY + 16] = UUID(work.identity).bytes
    struct.pack_into(">I", made, CHECKSUM, ~sum(made) & 0xFFFFFFFF)
    return bytes(made)
