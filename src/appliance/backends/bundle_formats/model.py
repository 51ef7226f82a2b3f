"""What an archive must be able to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.bundle.model import Bundle

Files = Mapping[str, Path]  # what lies where: name beside the others, file on this machine


@dataclass(frozen=True)
class Member:
    """One file in an archive: what *path* holds, or *data* where there is none. *mode* is that of
    a file that can be run, or that cannot."""

    name: str
    path: Path | None = None
    data: bytes = b""
    mode: int = 0o644


@dataclass(frozen=True)
class Packing:
    """How to write: every time is *clock* (seconds since 1970), *cores* work at once."""

    clock: int
    cores: int = 1


class BundleFormat(Protocol):
    """One file that holds an appliance. The same files give the same bytes."""

    @property
    def name(self) -> str:
        """Its name, as `--package` takes it."""

    @property
    def suffix(self) -> str:
        """What is put behind the appliance's name."""

    @property
    def says(self) -> str:
        """For whom it is, in one line."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The disk formats that it can hold, the best first; (): all of them."""

    def refuses(self, bundle: Bundle) -> str:
        """Say why such an appliance cannot be packed so; empty if it can."""

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """What goes in, in order, of all *files* of the appliance."""

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *target*. Nothing is spooled: members are read as they are written.

        Raises OSError if a disk is full.
        """


def in_folder(bundle: Bundle, files: Files) -> Iterable[Member]:
    """All files in a folder that is called as the appliance, in order of names."""
    for name, path in sorted(files.items()):
        yield Member(f"{bundle.name}/{name}", path, mode=mode(path))


def mode(path: Path) -> int:
    """Whether a file can be run is all that is kept of its mode."""
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def no_image(bundle: Bundle, formats: tuple[str, ...]) -> str:
    """Say that disks in none of *formats* are there; empty if they are, or if there are none."""
    return "" if bundle.images(formats) else f"it holds disks in {', '.join(formats)}"
