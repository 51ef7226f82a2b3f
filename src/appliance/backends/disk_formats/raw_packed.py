"""The plain bytes of the disk, compressed: raw.xz is what appliance-creator has always made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.backends import compressors
from appliance.backends.compressors import deflate, gz, xz, zst
from appliance.work import Conversion


@dataclass(frozen=True)
class RawPacked:
    """The raw disk, compressed by one of backends/compressors.

    *packer*: the name of the compressor.
    *says*: what the format is for, in a phrase for help texts.
    *tools*: the tools of host/tools.py whose versions count for the bytes.
    *read_size*: the function that tells how many bytes are packed in a file.
    *compressed*: that packing an image again gains nothing, which is so of all of them.
    *driver*: empty, since QEMU reads none of them.
    """

    packer: str
    says: str
    tools: tuple[str, ...]
    read_size: Callable[[Path], int]
    compressed: bool = True
    driver: str = ""

    @property
    def name(self) -> str:
        """Its name: raw, and the name of the compressor."""
        return f"raw.{self.packer}"

    @property
    def suffix(self) -> str:
        """What the names of its files end with."""
        return self.name

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Compress the disk *raw* into *image* on all cores, and tell of the progress."""

        def told(done: int, total: int) -> None:
            work.progress(done, total, "bytes")

        packer = compressors.find(self.packer)
        compressors.compress(packer, raw, target=image, cores=work.cores, told=told)

    def size(self, image: Path) -> int:
        """The size in bytes of the disk that is compressed in *image*, as the compressed file
        states it."""
        return self.read_size(image)


RAW_PACKED = (
    RawPacked(
        "xz",
        "the plain bytes, the smallest; systemd-importd and virt-builder unpack it themselves",
        ("xz",),  # not run: its version is that of liblzma, which we do call
        xz.size,
    ),
    RawPacked(
        "zst",
        "the plain bytes, small, packed and unpacked the quickest",
        (zst.TOOL,),
        zst.size,
    ),
    RawPacked(
        "gz", "the plain bytes, packed as everything can unpack it", (deflate.TOOL,), gz.size
    ),
)
