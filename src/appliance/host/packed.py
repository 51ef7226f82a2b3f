"""Disk images that are shipped compressed."""

from pathlib import Path

from appliance.errors import CommandError
from appliance.host import command


def is_packed(path: Path) -> bool:
    """Whether unpack() is for this file, by its name."""
    return path.suffix == ".xz"


def unpack(path: Path, target: Path) -> None:
    """Write *target*, which is not there yet, from the .xz file *path*; zeros become holes.

    Raises CommandError if the file is damaged or cut off, or the disk full; then there is no
    *target*.
    """
    link = target.with_name(f"{target.name}.xz")  # xz names what it writes after what it reads
    link.symlink_to(path.resolve())
    try:
        # a warning is no failure: whoever unpacks need not have the packed file's group
        words = ["--decompress", "--keep", "--force", "--threads=0", "--no-warn"]
        command.run(["xz", *words, link])
        target.chmod(0o600)  # whatever the mode of the packed file
    except CommandError as error:
        said = tuple(line.replace(str(link), str(path)) for line in error.tail)
        raise CommandError(f"{path} cannot be unpacked; xz says:", tail=said) from None
    finally:
        link.unlink()
