"""Turn a raw disk into the format that people asked for."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import disk_formats
from appliance.work import FileWork
from appliance.work.results import DiskImage, FormattedImage


@dataclass(frozen=True)
class ConvertDisk:
    """Convert one raw disk to one disk format.

    *disk*: the disk's name in the kickstart (`--ondisk`).
    *disk_format*: the name of the format in backends/disk_formats.
    *tools*: the programs that convert, with their versions.
    """

    version: ClassVar[int] = 2
    disk: str
    disk_format: str
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[DiskImage, ...]:
        """The raw disk that is converted."""
        return (DiskImage(self.disk),)

    @property
    def gives(self) -> FormattedImage:
        """The image of the disk in its format."""
        return FormattedImage(self.disk, self.disk_format)

    def run(self, work: FileWork) -> None:
        """Have the format write the image, and check that it holds what the raw disk does.

        Raises CommandError if a tool fails or the image is wrong.
        """
        kind = disk_formats.find(self.disk_format)
        raw, image = work.results.path(self.takes[0]), work.results.path(self.gives)
        disk_formats.make(work, kind, raw=raw, image=image)
