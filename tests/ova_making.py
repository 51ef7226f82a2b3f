"""OVAs made by hand, good ones and broken ones: a VMDK writer and a tar of the tests' own."""

import hashlib
import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from appliance.backends.launchers import find
from appliance.bundle.model import Artifact, Bundle
from launching import shop

SECTOR, GRAIN = 512, 65536
DESCRIPTOR = """\
# Disk DescriptorFile
version=1
CID=12345678
parentCID=ffffffff
createType="{kind}"
RW {sectors} SPARSE "disk.vmdk"
ddb.adapterType = "{adapter}"
"""


def vmdk(
    raw: bytes,
    *,
    version: int = 3,
    kind: str = "streamOptimized",
    adapter: str = "lsilogic",
    backward: bool = False,
    zeros: int = 1,
    after: bytes = b"",
) -> bytes:
    """A streamOptimized VMDK of *raw*, which is a whole number of grains; or a broken one."""
    sectors = len(raw) // SECTOR
    count = len(raw) // GRAIN
    text = DESCRIPTOR.format(kind=kind, sectors=sectors, adapter=adapter).encode()
    first = 128
    header = struct.pack(
        "<4sIIQQQQIQQQB4sH", b"KDMV", version, 0x30001, sectors, 128, 1, 20, 512, 0, 21, first, 0,
        b"\n \r\n", 1,
    )  # fmt: skip
    used = [
        number for number in range(count) if raw[number * GRAIN : (number + 1) * GRAIN].strip(b"\0")
    ]
    if backward:
        used.reverse()
    table, body = [0] * 512, b""
    for number in used:
        packed = zlib.compress(raw[number * GRAIN : (number + 1) * GRAIN])
        grain = struct.pack("<QI", number * 128, len(packed)) + packed
        table[number] = first + len(body) // SECTOR
        body += grain + bytes(-len(grain) % SECTOR)
    head = header.ljust(SECTOR, b"\0") + text.ljust(20 * SECTOR, b"\0")
    head += struct.pack("<I", 22).ljust(SECTOR, b"\0") + struct.pack("<512I", *table)
    return head.ljust(first * SECTOR, b"\0") + body + bytes(zeros * SECTOR) + after


def raw_disk(grains: int = 8) -> bytes:
    """A disk with something in some of its grains."""
    return b"".join(
        (bytes([number]) * GRAIN if number % 3 else bytes(GRAIN)) for number in range(grains)
    )


DISK = vmdk(raw_disk())


def bundle(disk: bytes = DISK, size: int = len(raw_disk()), **changes: object) -> Bundle:
    """The appliance of `launching`, whose one disk is *disk*."""
    plain = shop("vmdk-stream", disks=1, **changes)
    artifact = Artifact(
        "sda", "shop-sda.stream.vmdk", "vmdk-stream", size, hashlib.sha256(disk).hexdigest(),
        len(disk),
    )  # fmt: skip
    return replace(plain, artifacts=(artifact,))


def good(disk: bytes = DISK, **changes: object) -> dict[str, bytes]:
    """The files of an OVA in their order."""
    about = bundle(disk, **changes)
    files = {name: text.encode() for name, text in find("ovf").files(about).items()}
    return {**files, about.artifacts[0].path: disk}


def edited(
    files: Mapping[str, bytes], *pairs: tuple[str, str], times: int = -1
) -> dict[str, bytes]:
    """The same with texts replaced in the description, and a manifest that fits."""
    text = files["shop.ovf"].decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, times)
    return summed({**files, "shop.ovf": text.encode()})


def summed(files: Mapping[str, bytes], word: str = "SHA256") -> dict[str, bytes]:
    """The same with a manifest that fits."""
    lines = "".join(
        f"{word}({name})= {hashlib.new(word.lower(), data).hexdigest()}\n"
        for name, data in files.items()
        if not name.endswith((".mf", ".cert"))
    )
    return {**files, "shop.mf": lines.encode()}


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """A member for `pack`, with *fields* of tarfile.TarInfo."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def pack(
    place: Path,
    files: Mapping[str, bytes],
    *more: tuple[tarfile.TarInfo, bytes],
    form: int = tarfile.USTAR_FORMAT,
    mode: str = "w",
) -> Path:
    """Write *files* and *more* members as an OVA into the directory *place*."""
    path = place / "shop.ova"
    with tarfile.open(path, mode, format=form) as archive:  # type: ignore[call-overload]
        for info, data in (*(member(name, data) for name, data in files.items()), *more):
            archive.addfile(info, io.BytesIO(data))
    return path
