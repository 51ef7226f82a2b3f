"""VHDX, the format of Hyper-V's disks since Windows Server 2012."""

import struct
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from appliance.backends.disk_formats import qemu_img
from appliance.backends.disk_formats.vhdx_regions import DISK_SIZE, items, read
from appliance.errors import CommandError
from appliance.layout.identity import stable_uuid
from appliance.units import KIB
from appliance.work import Conversion

# Microsoft's [MS-VHDX], version 7.0; the section numbers below are its own. All numbers are
# little-endian, GUIDs are as in UUID.bytes_le.
HEADERS, HEADER_SIZE = (64 * KIB, 128 * KIB), 4 * KIB  # 2.2.2: two, the newer one counts
HEADER = struct.Struct("<4sIQ16s16s16sHHIQ")
DISK_ID = UUID("beca12ab-b2e6-4523-93ef-c309e000c746").bytes_le  # 2.6.2.3, as on SCSI page 83
NO_LOG = bytes(16)
CASTAGNOLI = 0x82F63B78  # CRC-32C, its bits reversed


class Vhdx:
    """VHDX as qemu-img writes it, but with derived instead of random GUIDs, and with an empty log:
    qemu-img leaves entries there, which are applied already and hold random GUIDs too."""

    name = suffix = "vhdx"
    says = "for Hyper-V: plain, grows as it is used"
    compressed = False
    driver = "vhdx"
    tools: tuple[str, ...] = qemu_img.TOOLS

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw* as the VHDX *image*, with GUIDs that are derived and not drawn."""
        qemu_img.written(work, self.driver, raw=raw, image=image)
        with image.open("r+b") as file:
            log, length = write_headers(file, work.identity)
            file.seek(log)
            file.write(bytes(length))
            place, size = items(file)[DISK_ID]
            file.seek(place)
            file.write(own(work.identity, "disk")[:size])

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as its metadata say."""
        with image.open("rb") as file:
            place, size = items(file)[DISK_SIZE]
            file.seek(place)
            return int.from_bytes(file.read(size), "little")


def write_headers(file: BinaryIO, identity: str) -> tuple[int, int]:
    """Write both headers anew, with GUIDs derived from *identity* and the sequence numbers 1 and
    2; return where the log is, and its length, in bytes. Raises CommandError if the log has
    entries that are not applied yet."""
    found = [HEADER.unpack(read(file, place, HEADER.size)) for place in HEADERS]
    newest = max(found, key=lambda header: int(header[2]))
    signature, _, _, _, _, log, log_version, version, length, start = newest
    if log != NO_LOG:
        raise CommandError("qemu-img left a VHDX that is not closed")
    for sequence, place in enumerate(HEADERS, start=1):
        says = (sequence, own(identity, "file"), own(identity, "data"), log)
        blank = HEADER.pack(signature, 0, *says, log_version, version, length, start)
        check = crc32c(blank.ljust(HEADER_SIZE, b"\0"))
        file.seek(place)
        file.write(HEADER.pack(signature, check, *says, log_version, version, length, start))
    return start, length


def own(identity: str, about: str) -> bytes:
    """Derive the GUID for the purpose *about* from *identity*, in the file's byte order."""
    return UUID(stable_uuid(identity, about)).bytes_le


def crc32c(data: bytes) -> int:
    """The CRC-32C of a header (2.2.2), computed bit by bit, since that is a few kilobytes only."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
