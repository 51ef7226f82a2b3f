"""The plain bytes of the disk, compressed: what appliance-creator has always made by default."""

from pathlib import Path

from appliance.backends.compressors import xz
from appliance.work import Work


class RawXz:
    """Small, and unpacked by itself where images are imported (systemd-importd, virt-builder)."""

    name = suffix = "raw.xz"
    tools: tuple[str, ...] = ("xz",)  # not run: its version is that of liblzma, which we do call

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """See DiskFormat.convert."""

        def told(done: int, total: int) -> None:
            work.progress(done, total, "bytes")

        xz.compress(raw, image, cores=work.cores, told=told)

    def size(self, image: Path) -> int:
        """See DiskFormat.size."""
        return xz.size(image)
