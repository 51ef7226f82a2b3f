"""The files that a conversion takes its source from: what they are, and that none is replaced."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from appliance.bundle.manifest import PACKAGES
from appliance.errors import RequestError
from appliance.intake.places import files_in
from appliance.intake.received import Received
from appliance.intake.trust import RAW, trusted
from appliance.units import MIB, show

LONGEST = 64 * MIB  # bytes of a package list; one of 10,000 packages has about 4 MiB


def check_kept(places: Iterable[Path], source: Received, named: Path | None) -> None:
    """Raise RequestError if what is about to be put at one of *places* replaces a file that
    *source* was read from: the file *named* on the command line, the description, a disk, or
    another file that holds bytes of a disk."""
    files = set(_files(source, named))
    for place in places:
        replaced = {place.absolute(), place.resolve()}
        for file in sorted(files):
            if replaced & {file, *file.parents}:
                raise RequestError(
                    f"{place} would be replaced by what is made of it", hint="-o DIR"
                )


def package_list(source: Received) -> Path | None:
    """The list of the packages in *source*, which lies beside its description under the name of the
    appliance; None if there is none.

    Raises RequestError for one that is longer than any list is.
    """
    directory = source.source if source.source.is_dir() else source.source.parent
    name = source.bundle.name if source.bundle else source.image.name
    for file in files_in(directory):
        if file.name == f"{name}{PACKAGES}":
            if file.stat().st_size > LONGEST:
                raise RequestError(f"{file} is longer than {show(LONGEST)}: it lists no packages")
            return file
    return None


def _files(source: Received, named: Path | None) -> Iterator[Path]:
    """Every file of *source*, and where it is when links are followed."""
    shown = [source.source, source.image.path, *([named] if named else [])]
    for disk in source.image.disks:
        if disk.scratch:  # it is made when the machine starts
            continue
        shown.append(disk.path)
        if not disk.packed and disk.disk_format != RAW:
            shown += trusted(disk.path.absolute(), disk.disk_format).others
    for path in shown:
        yield path.absolute()
        yield path.resolve()
