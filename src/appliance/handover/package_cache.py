"""The files of the packages that an image holds, for whoever keeps account of them.

DIRECTORY/packages/    exactly those, real files under the names that distributions give them
"""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePath

from appliance.backends.package_managers import primary
from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import RequestError, SourceError
from appliance.host import trees
from appliance.store.drafting import drafting
from appliance.store.results import full_disk_told

FOLDER = "packages"
REMEDY = "free some space there, or --cache on another disk"
NAMES = {".rpm": "{0.name}-{1}.{0.architecture}.rpm", ".deb": "{0.name}_{1}_{0.architecture}.deb"}
# Another filesystem, one without links, one with too many of them (link(2)).
NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EMLINK)


def fill(directory: Path, files: Mapping[LockedPackage, Path]) -> None:
    """Put the *files* of packages under *directory*; what an earlier build put there goes away.

    Raises RequestError if somebody keeps other things at that place, SourceError for packages
    that cannot be called anything, or whose files would be called the same.
    """
    place = check_cache(directory)
    with full_disk_told(directory, REMEDY), drafting(directory, FOLDER) as draft:
        made = draft / FOLDER
        made.mkdir()
        for package, file in files.items():
            _link(file, made / file_name(package))
        trees.exchange(made, place)


def check_cache(directory: Path) -> Path:
    """Return where the packages will be. Raises RequestError if anything else is there."""
    place = directory / FOLDER
    if place.exists():
        found = place.iterdir() if place.is_dir() else [place]
        strange = next((path for path in sorted(found) if path.suffix not in NAMES), None)
        if strange:
            raise RequestError(f"{strange} is not a package", hint="--cache another directory")
    return place


def file_name(package: LockedPackage) -> str:
    """What a distribution calls the package's file: its epoch is not said.

    Raises SourceError where that would be no name of a file: a lock may come from strangers.
    """
    kind = PurePath(package.path).suffix
    parts = (package.name, package.version, package.architecture)
    if kind not in NAMES or not primary.sound(parts):
        raise SourceError(f"the lock has a package that no distribution has: {parts}")
    version = package.version.rpartition(":")[2]
    return NAMES[kind].format(package, version)


def _link(source: Path, target: Path) -> None:
    if target.exists():
        raise SourceError(f"two packages have one file name: {target.name}")
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copyfile(source, target)
