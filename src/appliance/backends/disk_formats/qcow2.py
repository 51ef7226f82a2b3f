"""qcow2, QEMU's own format, with its clusters compressed or plain."""

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
