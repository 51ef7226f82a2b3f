"""streamOptimized VMDK, the format of the disks in OVF packages: written by us, on all cores.

What qemu-img writes has a run of zero sectors behind the last grain. VMware reads up to the first
of them, computes the checksum of what it read, and says that it does not match the manifest. Our
files end with exactly one zero sector, and their bytes depend on nothing but the disk and the
step's identity.

Facts: VMware's "Virtual Disk Format 5.0", whose section "Compressed Grains" and following say what
lies where; and what VMware's own vmdk-convert writes, where that is stricter than the text.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from appliance.backends.compressors import deflate
from appliance.backends.compressors.blocks import Crew, made_of, pieces
from appliance.backends.disk_formats.vmdk_words import FILE_NAME, content_id
from appliance.units import KIB, MIB, align_up
from appliance.work import Conversion

SECTOR = 512
GRAIN = 64 * KIB
GRAIN_SECTORS = GRAIN // SECTOR
BATCH = 4 * MIB  # of grains, made by one thread at a time
LARGEST = 1 << 41  # bytes: sectors are counted in 32 bits

# magic, version (ESXi refuses 1), flags (newlines are intact, grains are compressed, with
# markers), capacity, grain size, descriptor at, its size, entries of a grain table, second grain
# directory, grain directory, where grains begin, unclean shutdown, four newlines, deflate: all
# sizes and places in sectors
HEADER = struct.Struct("<4sIIQQQQIQQQB4sH")
MAGIC, VERSION, FLAGS, NEWLINES, DEFLATE = b"KDMV", 3, 0x30001, b"\n \r\n", 1
DESCRIPTOR, DESCRIPTOR_SECTORS = 1, 20
DIRECTORY = DESCRIPTOR + DESCRIPTOR_SECTORS
TABLE_ENTRIES, TABLE_SECTORS = 512, 4
MARKER = struct.Struct("<QI")  # before each grain: its first sector on the disk, bytes of data
HEADS, TRACK = 255, 63  # the geometry that adapters of SCSI kind are told
MOST_CYLINDERS = 65535


@dataclass(frozen=True)
class Places:
    """Where the parts of the file are for a disk of *sectors* sectors, counted in sectors."""

    sectors: int

    @property
    def tables(self) -> int:
        """How many grain tables the file has: each grain of the disk has an entry in one, even if
        it is not in the file."""
        return -(-self.sectors // (GRAIN_SECTORS * TABLE_ENTRIES))

    @property
    def first_table(self) -> int:
        """The sector of the first grain table: behind the grain directory, which has four bytes
        for each table."""
        return DIRECTORY + align_up(4 * self.tables, SECTOR) // SECTOR

    @property
    def grains(self) -> int:
        """The first sector that may hold data: behind header, descriptor and grain tables."""
        return align_up(self.first_table + self.tables * TABLE_SECTORS, GRAIN_SECTORS)


class VmdkStream:
    """The format of the disks in OVA files: each grain is compressed by itself, and the grains
    are in the order of the disk."""

    name, suffix = "vmdk-stream", "stream.vmdk"
    says = "small; for OVF packages, vSphere, and whatever imports VMware's disks"
    compressed = True
    driver = "vmdk"
    tools: tuple[str, ...] = (deflate.TOOL, "qemu-img")  # the second only reads it again

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw*, of at most LARGEST bytes, as the streamOptimized VMDK *image*,
        compressed on all cores."""
        with raw.open("rb") as disk, image.open("wb") as file:
            size = os.fstat(disk.fileno()).st_size
            places = Places(align_up(size, SECTOR) // SECTOR)
            file.seek(places.grains * SECTOR)
            with Crew(packed, cores=work.cores, size=BATCH) as crew:
                cut = pieces(disk.fileno(), size, name=raw, size=BATCH)
                table = write_grains(file, made_of(cut, crew), work, size=size)
            file.write(bytes(SECTOR))  # the marker of the end of the stream
            file.seek(0)
            write_front(file, places, table, descriptor(places.sectors, work.identity))

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as its header says."""
        return virtual_size(image)


def virtual_size(image: Path) -> int:
    """The size of the disk in *image*, a VMDK in one file, in bytes, as its header says."""
    with image.open("rb") as file:
        return int(HEADER.unpack(file.read(HEADER.size))[3]) * SECTOR


def populated(image: Path) -> int:
    """How many bytes of the disk the streamOptimized VMDK *image*, which we wrote, holds: its
    grains, whole."""
    places = Places(virtual_size(image) // SECTOR)
    with image.open("rb") as file:
        file.seek(places.first_table * SECTOR)
        table = file.read(places.tables * TABLE_SECTORS * SECTOR)
    grains = sum(1 for (place,) in struct.iter_unpack("<I", table) if place)
    return min(grains * GRAIN, places.sectors * SECTOR)


def packed(batch: bytes) -> list[bytes]:
    """Return every grain of a batch, deflated; a grain of zeros is not in the file, and is empty
    here."""
    zlib, zeros = deflate.library(), bytes(GRAIN)
    found = []
    for start in range(0, len(batch), GRAIN):
        grain = batch[start : start + GRAIN].ljust(GRAIN, b"\0")
        found.append(b"" if grain == zeros else zlib.compress(grain, deflate.LEVEL))
    return found


def write_grains(
    file: BinaryIO, batches: Iterator[list[bytes]], work: Conversion, *, size: int
) -> list[int]:
    """Write the grains that are not empty, one after the other; return at which sector of the
    file each grain of the disk is, 0 for an empty one."""
    table: list[int] = []
    place = file.tell() // SECTOR
    for batch in batches:
        for data in batch:
            table.append(place if data else 0)
            if data:
                record = MARKER.pack((len(table) - 1) * GRAIN_SECTORS, len(data)) + data
                file.write(record.ljust(align_up(len(record), SECTOR), b"\0"))
                place += align_up(len(record), SECTOR) // SECTOR
        work.progress(min(len(table) * GRAIN, size), size, "bytes")
    return table


def write_front(file: BinaryIO, places: Places, table: list[int], text: str) -> None:
    """Write what comes before the grains: header, the descriptor *text*, directory and tables."""
    header = HEADER.pack(
        MAGIC, VERSION, FLAGS, places.sectors, GRAIN_SECTORS, DESCRIPTOR, DESCRIPTOR_SECTORS,
        TABLE_ENTRIES, 0, DIRECTORY, places.grains, 0, NEWLINES, DEFLATE,
    )  # fmt: skip
    file.write(header.ljust(SECTOR, b"\0"))
    file.write(text.encode("ascii").ljust(DESCRIPTOR_SECTORS * SECTOR, b"\0"))
    starts = [places.first_table + number * TABLE_SECTORS for number in range(places.tables)]
    directory = struct.pack(f"<{len(starts)}I", *starts)
    file.write(directory.ljust((places.first_table - DIRECTORY) * SECTOR, b"\0"))
    entries = struct.pack(f"<{len(table)}I", *table)
    file.write(entries.ljust(places.tables * TABLE_SECTORS * SECTOR, b"\0"))


def descriptor(sectors: int, identity: str) -> str:
    """Return the descriptor of a disk of *sectors* sectors, as vmdk-convert writes it. *identity*
    is a UUID.

    The name of the file that it states is always the same: people rename the file as they like,
    and readers of a VMDK in one file do not look at the name.
    """
    content = identity.replace("-", "")[:-8] + content_id(identity)  # its end is the CID
    cylinders = min(-(-sectors // (HEADS * TRACK)), MOST_CYLINDERS)
    return f"""\
# Disk DescriptorFile
version=1
encoding="UTF-8"
CID={content_id(identity)}
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RW {sectors} SPARSE "{FILE_NAME}"

# The Disk Data Base
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "{cylinders}"
ddb.geometry.heads = "{HEADS}"
ddb.geometry.sectors = "{TRACK}"
ddb.longContentID = "{content}"
ddb.toolsInstallType = "4"
ddb.toolsVersion = "2147483647"
ddb.virtualHWVersion = "4"
"""
