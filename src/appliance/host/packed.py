"""Disk images that are shipped compressed."""

from pathlib import Path

from appliance.host import command


def is_packed(path: Path) -> bool:
    """Whether unpack() is for this file, by its name."""
    return path.suffix == ".xz"


def unpack(path: Path, target: Path) -> None:
    """Write *target*, which is not there yet, from the .xz file *path*; zeros become holes.

    Raises CommandError if the file is damaged or cut off; then there is no *target*.
    """
    link = target.with_name(f"{target.name}.xz")  # xz names what it writes after what it reads
    link.symlink_to(path.resolve())
    try:
        command.run(["xz", "--decompress", "--keep", "--force", "--threads=0", link])
        target.chmod(0o600)  # whatever the mode of the packed file
    finally:
        link.unlink()
