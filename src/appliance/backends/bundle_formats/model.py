"""What a bundle format must be able to do, and the values that it is given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.bundle.model import Bundle

Files = Mapping[str, Path]  # what lies where: name beside the others, file on this machine


@dataclass(frozen=True)
class Member:
    """One file that a bundle holds.

    *name*: its path in the bundle.
    *path*: the file of this host whose content it gets; None if *data* has the content.
    *data*: the content, if there is no *path*.
    *mode*: its permissions: 0o755 for a file that can be run, else 0o644.
    """

    name: str
    path: Path | None = None
    data: bytes = b""
    mode: int = 0o644


@dataclass(frozen=True)
class Packing:
    """How a bundle is written: the time of every file in it is *clock* (seconds since 1970), and
    *cores* threads compress at once."""

    clock: int
    cores: int = 1


class BundleFormat(Protocol):
    """How a whole appliance becomes one file. The same files give the same bytes."""

    @property
    def name(self) -> str:
        """The name of the format, as `--bundle` takes it."""

    @property
    def suffix(self) -> str:
        """What the name of the file is behind the appliance's name, with its dot."""

    @property
    def says(self) -> str:
        """For which programs or people the format is, in a phrase for help texts."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The disk formats that it can hold, the best first; empty: it can hold all."""

    def refuses(self, bundle: Bundle) -> str:
        """Say why *bundle* cannot be packed in this format; empty if it can."""

    def members(self, bundle: Bundle, files: Files) -> Iterable[Member]:
        """The files that go into the bundle, in order, out of all *files* of the appliance."""

    def write(self, target: Path, members: Iterable[Member], manner: Packing) -> None:
        """Write *members* to the file *target*, each as it is read: there are no temporary files.

        Raises OSError if a disk is full.
        """


def in_folder(bundle: Bundle, files: Files) -> Iterable[Member]:
    """All *files* in one folder with the name of the appliance, in order of names."""
    for name, path in sorted(files.items()):
        yield Member(f"{bundle.name}/{name}", path, mode=mode(path))


def mode(path: Path) -> int:
    """The permissions that a file gets in a bundle: 0o755 if its owner can run it, else 0o644."""
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def no_image(bundle: Bundle, formats: tuple[str, ...]) -> str:
    """Say that the format can hold disks in *formats* only, if *bundle* has no image in one of
    them; empty if it has."""
    return "" if bundle.images(formats) else f"it holds disks in {', '.join(formats)}"
