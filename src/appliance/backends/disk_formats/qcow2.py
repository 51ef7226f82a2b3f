"""qcow2, QEMU's own format, with its clusters compressed."""

from pathlib import Path

from appliance.work import Work


class Qcow2:
    """Small, and every KVM host reads it."""

    name = "qcow2"
    tools: tuple[str, ...] = ("qemu-img",)

    def convert(self, work: Work, *, raw: Path, image: Path) -> None:
        """See DiskFormat.convert. Clusters are written in order (no -W): the same bytes each
        time, whatever the number of coroutines."""
        work.run([
            "qemu-img", "convert", "-q", "-m", str(max(work.cores, 2) * 2), "-c",
            "-f", "raw", "-O", "qcow2", "-o", "compat=1.1,compression_type=zstd",
            raw, image,
        ])  # fmt: skip
