"""Whether a /boot of its own has room for the kernel of the next update, which is there beside the
old one for a while."""

from pathlib import Path

from appliance.backends.filesystems.model import size_of
from appliance.units import MIB, align_up, show

KERNELS = ("vmlinuz-", "Image-")
OVERHEAD = 1.1  # what a filesystem of this size keeps for itself


def advice(boot: Path, size: int) -> str:
    """Return what to tell an author whose /boot, of *size* bytes, holds the files in *boot* and has
    no room for a second kernel as large as the largest; empty if it has, or holds none."""
    kernels = [
        (kernel, kernel.name.removeprefix(start))
        for start in KERNELS
        for kernel in boot.glob(f"{start}*")
        if not kernel.is_symlink()
    ]
    if not kernels:
        return ""
    one = max(
        sum(file.stat().st_size for file in boot.iterdir() if release in file.name)
        for _, release in kernels
    )
    needed = align_up(int((size_of(boot) + one) * OVERHEAD), MIB)
    if needed <= size:
        return ""
    return (
        f"/boot has {show(size)}, which has no room for a second kernel: updates of the kernel "
        f"will fail; --size={needed // MIB} has"
    )
