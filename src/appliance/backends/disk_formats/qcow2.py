"""qcow2, QEMU's own format, with its clusters compressed or plain."""

import struct
from dataclasses import dataclass
from pathlib import Path

from appliance.work import Conversion


@dataclass(frozen=True)
class Qcow2:
    """qcow2 with its clusters compressed by *packer* (zstd or zlib), or plain if that is empty."""

    name: str
    says: str
    packer: str = ""
    suffix: str = "qcow2"
    driver: str = "qcow2"
    tools: tuple[str, ...] = ("qemu-img",)

    @property
    def compressed(self) -> bool:
        """Whether its clusters are compressed."""
        return bool(self.packer)

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Write the disk *raw* as the qcow2 *image*.

        Clusters are written in order (no -W), so the bytes are the same each time, whatever the
        number of coroutines.
        """
        packing, option = [], ""
        if self.packer:
            packing = ["-m", str(max(work.cores, 2) * 2), "-c"]
            option = f",compression_type={self.packer}"
        work.run([
            "qemu-img", "convert", "-q", *packing,
            "-f", "raw", "-O", "qcow2", "-o", f"compat=1.1{option}",
            raw, image,
        ])  # fmt: skip

    def size(self, image: Path) -> int:
        """The size of the disk in *image*, in bytes, as bytes 24 to 31 of its header say (QEMU's
        docs/interop/qcow2)."""
        with image.open("rb") as file:
            return int(struct.unpack(">24xQ", file.read(32))[0])


QCOW2 = (
    Qcow2("qcow2", "small; for KVM, of QEMU 5.1 or later: zstd inside", "zstd"),
    Qcow2("qcow2-zlib", "small; for KVM of any age: deflate inside", "zlib"),
    Qcow2("qcow2-plain", "for whoever compresses it themselves, or reads it often"),
)
