"""What lies in the directory of an appliance before a new one takes its place: files of the build
before, and files that somebody else put there, which stay."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.tree_formats import KNOWN
from appliance.bundle.manifest import SUMS, sums_read
from appliance.errors import RequestError
from appliance.handover.beside import LOG
from appliance.units import MIB

LONGEST = 64 * MIB  # bytes of checksums that are believed


@dataclass(frozen=True)
class Leftovers:
    """The files in a directory, by their paths in it: those of the build before are *made*, all
    others are somebody's *own*."""

    made: frozenset[str]
    own: tuple[str, ...]

    def gone(self, new: Path) -> tuple[str, ...]:
        """Return the files of the build before that the directory *new* does not have."""
        return tuple(sorted(name for name in self.made if not os.path.lexists(new / name)))


def leftovers(place: Path, name: str) -> Leftovers:
    """Tell apart what lies in *place*, the directory of the appliance *name*; nothing is there if
    the directory is not.

    The checksums of the build before say what it made; without them it is what is called after
    the appliance. Directories with a system's files are of the build as a whole, and not looked
    into.
    """
    trees = {f"{name}.{kind.suffix}" for kind in KNOWN.values() if kind.unpacked}
    found = sorted(_files(place, trees))
    listed = _listed(place / SUMS)
    made = {
        file
        for file in found
        if file in (SUMS, LOG, *trees)
        or (file in listed if listed else file.startswith((f"{name}-", f"{name}.")))
    }
    return Leftovers(frozenset(made), tuple(file for file in found if file not in made))


def keep(left: Leftovers, place: Path, new: Path) -> None:
    """Put what is somebody's own in *place* into the directory *new* as well, so that it is there
    when that takes the place.

    Raises RequestError if the new appliance has a file of that name.
    """
    for file in left.own:
        target = new / file
        if os.path.lexists(target) or any(
            parent.exists() and not parent.is_dir() for parent in target.parents
        ):
            raise RequestError(
                f"{place / file} was not made by a build, and the appliance has a file of that "
                "name now",
                hint="-o DIR, or move it out of the way",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(place / file, target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # the filesystem has no hard links, or the file no room for one more
        shutil.copy2(source, target, follow_symlinks=False)


def _files(place: Path, trees: set[str]) -> Iterator[str]:
    """The paths in *place* of all that is no directory, and of the directories that are *trees*."""
    for folder, folders, names in os.walk(place):
        top = Path(folder) == place
        whole = [each for each in folders if top and each in trees]
        links = [each for each in folders if (Path(folder) / each).is_symlink()]
        folders[:] = [each for each in folders if each not in (*whole, *links)]
        for each in (*names, *whole, *links):
            yield str((Path(folder) / each).relative_to(place))


def _listed(sums: Path) -> frozenset[str]:
    try:
        if sums.is_file() and sums.stat().st_size <= LONGEST:
            return frozenset(sums_read(sums.read_text(errors="surrogateescape")))
    except OSError:
        pass
    return frozenset()
