"""The format raw: the plain bytes of the disk."""

from pathlib import Path

from appliance.work import Conversion


class Raw:
    """The plain bytes of the disk in a sparse file, as dd and most importers want them."""

    name = suffix = "raw"
    says = "the plain bytes of the disk, for dd and most importers; a sparse file"
    compressed = False
    driver = ""
    tools: tuple[str, ...] = ()

    def convert(self, work: Conversion, *, raw: Path, image: Path) -> None:
        """Make *image* a hard link to the disk *raw*: results never change, so one file may be
        both."""
        work.run(["cp", "--link", raw, image])

    def size(self, image: Path) -> int:
        """The size of the disk in bytes, which is that of the file *image*."""
        return image.stat().st_size
