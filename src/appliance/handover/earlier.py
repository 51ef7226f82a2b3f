"""Tell what a build has handed over before from what it must not replace."""

from pathlib import Path, PurePath

from appliance.bundle import manifest
from appliance.bundle.manifest import DESCRIPTION, PACKAGES
from appliance.errors import RequestError
from appliance.intake.bundle_files import opened

LONGEST = 4096  # bytes of one line with a checksum


def holds_appliance(place: Path, name: str) -> bool:
    """True for a directory or an archive that a build of the appliance *name* made, the original
    appliance-creator's included, and for a directory with nothing in it."""
    return _is_ours(place, name) if place.is_dir() else _packed(place, name)


def holds_sums(place: Path, name: str) -> bool:
    """True for a file with the checksum of the file *name*, and of nothing else."""
    if place.is_symlink() or not place.is_file() or place.stat().st_size > LONGEST:
        return False
    said = manifest.sums_read(place.read_text(errors="replace").replace("  ", " *"))
    return [*said] == [name]


def _is_ours(place: Path, name: str) -> bool:
    if any((place / f"{name}{end}").exists() for end in (PACKAGES, DESCRIPTION)):
        return True
    found = {path.name for path in place.iterdir()}
    others = {file for file in found if not file.startswith(f"{name}-")}
    return not found or others == {f"{name}.xml"}


def _packed(archive: Path, name: str) -> bool:
    ends = (PACKAGES, DESCRIPTION, ".xml", ".ovf")
    wanted = {*(f"{name}{end}" for end in ends), "metadata.json", "disk.raw"}
    if not archive.is_file():
        return False
    try:
        with opened(archive) as entries:
            return any(PurePath(entry.name).name in wanted for entry in entries)
    except (OSError, RequestError):
        return False
