"""qcow2, QEMU's own format, with its clusters compressed or plain."""

import struct
from pathlib import Path

from appliance.work import Work


class Qcow2:
    """Small, and every KVM host reads it."""

    name = suffix = "qcow2"
    tools: tuple[str, ...] = ("qemu-img",)

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """See DiskFormat.convert. Clusters are written in order (no -W): the same bytes each
        time, whatever the number of coroutines."""
        work.run([
            "qemu-img", "convert", "-q", "-m", str(max(work.cores, 2) * 2), "-c",
            "-f", "raw", "-O", "qcow2", "-o", "compat=1.1,compression_type=zstd",
            raw, image,
        ])  # fmt: skip

    def size(self, image: Path) -> int:
        """See DiskFormat.size."""
        return virtual_size(image)


class Qcow2Plain:
    """As large as what is in it: for whoever compresses it themselves, or reads it often."""

    name, suffix = "qcow2-plain", "qcow2"
    tools: tuple[str, ...] = ("qemu-img",)

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """See DiskFormat.convert."""
        work.run([
            "qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", "-o", "compat=1.1",
            raw, image,
        ])  # fmt: skip

    def size(self, image: Path) -> int:
        """See DiskFormat.size."""
        return virtual_size(image)


def virtual_size(image: Path) -> int:
    """What the header says (QEMU's docs/interop/qcow2: bytes 24 to 31)."""
    with image.open("rb") as file:
        return int(struct.unpack(">24xQ", file.read(32))[0])
