"""In which form a finished appliance is handed over."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from appliance.backends import launchers
from appliance.backends.launchers import Launcher
from appliance.errors import RequestError


@dataclass(frozen=True)
class Handover:
    """A directory with everything in it, unless something else is said.

    *version* and *release* are the appliance's own; empty: it has none. *launchers* describe it,
    with each image's SHA-256 if *checksums*; *sums* and *log* say whether SHA256SUMS and the build
    log lie there too. *include* is a file, or a directory whose content, comes along. *archive* is
    one of engine/archives.py to pack all of it into; empty: a directory. The files of the packages
    that are installed go to the directory *packages*, if there is one.
    """

    version: str = "1.0"
    release: str = "1"
    launchers: tuple[Launcher, ...] = tuple(launchers.KNOWN.values())
    checksums: bool = True
    sums: bool = True
    log: bool = True
    include: Path | None = None
    archive: str = ""
    packages: Path | None = None


def included(include: Path | None, taken: set[str]) -> dict[str, Path]:
    """The files that *include* adds, by their paths in the appliance; links are followed.

    Raises RequestError for what is no file, for a directory that cannot be read or that is met
    twice (a link to its own parent never ends), and for a name that is *taken*.
    """
    if include is None:
        return {}
    files = {include.name: include}
    if include.is_dir():
        files = {str(path.relative_to(include)): path for path in _below(include)}
    for name, path in files.items():
        if not path.is_file():
            raise RequestError(f"--include: {path} is not a file")
        first = PurePath(name).parts[0]
        if first in taken:
            raise RequestError(f"--include: the appliance has a {first} of its own: {path}")
    return files


def _below(top: Path) -> Iterator[Path]:
    """All files below *top*."""
    seen = set()
    for folder, _, names in os.walk(top, followlinks=True, onerror=_unreadable):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            raise RequestError(f"--include: {folder} is a directory that is there already")
        seen.add((status.st_dev, status.st_ino))
        yield from (Path(folder) / name for name in names)


def _unreadable(error: OSError) -> None:
    raise RequestError(f"--include: {error.filename} cannot be read: {error.strerror}") from error
