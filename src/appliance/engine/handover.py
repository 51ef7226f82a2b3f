"""In which form a finished appliance is handed over."""

import os
from dataclasses import dataclass
from pathlib import Path

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

    Raises RequestError for what is no file, and for a name that is *taken*.
    """
    if include is None:
        return {}
    files = {include.name: include}
    if include.is_dir():
        files = {
            str((Path(folder) / name).relative_to(include)): Path(folder) / name
            for folder, _, names in os.walk(include, followlinks=True)
            for name in names
        }
    for name, path in files.items():
        if not path.is_file():
            raise RequestError(f"--include: {path} is not a file")
        if name in taken:
            raise RequestError(f"--include: the appliance has a {name} of its own: {path}")
    return files
