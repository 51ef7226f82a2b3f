"""Turn a raw disk into the format that people asked for."""

from dataclasses import dataclass
from typing import ClassVar

from appliance.backends import disk_formats
from appliance.work import FileWork
from appliance.work.results import DiskImage, FormattedImage


@dataclass(frozen=True)
class ConvertDisk:
    """*disk* is its `--ondisk` name, *disk_format* one of backends/disk_formats."""

    version: ClassVar[int] = 2
    disk: str
    disk_format: str
    tools: tuple[tuple[str, str], ...]

    @property
    def takes(self) -> tuple[DiskImage, ...]:
        """The raw disk."""
        return (DiskImage(self.disk),)

    @property
    def gives(self) -> FormattedImage:
        """A disk image."""
        return FormattedImage(self.disk, self.disk_format)

    def run(self, work: FileWork) -> None:
        """Hand over to the format; what it made is checked."""
        kind = disk_formats.find(self.disk_format)
        raw, image = work.results.path(self.takes[0]), work.results.path(self.gives)
        disk_formats.make(work, kind, raw=raw, image=image)
