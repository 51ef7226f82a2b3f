"""Make RPM packages of Debian's, in their places and with their names here."""

import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from . import places, scriptlets
from .additions import Draft, add
from .deb_file import Deb, Fields, read
from .names import NAME, SPLIT
from .relations import Names, split_version, without
from .rpm_file import File, Package
from .rpm_header import SCRIPT_PRE, Relation


def convert(
    name: str, debs: Sequence[Path], names: Names, *, efi_in_usr: bool = True
) -> list[Package]:
    """Return the packages that *debs*, the one of their version first, become as *name*."""
    read_debs = [read(path) for path in debs]
    files, directories, configuration = _placed(name, read_debs)
    built = max((file.mtime for deb in read_debs for file in deb.files), default=1)
    packages = []
    for part, pattern in [*SPLIT.get(name, {}).items(), (name, None)]:
        mine = {path: files.pop(path) for path in list(files) if not pattern or pattern.match(path)}
        draft = Draft(mine, built)
        add(part, draft)
        package = _begin(part, read_debs, built)
        kept = _needed(draft.files, directories, whole=part == name)
        package.files = [places.marked(file, configuration) for file in kept]
        if part == name:
            for deb in read_debs:
                _relate(package, deb.fields, names)
        scriptlets.finish(package, efi_in_usr=efi_in_usr)
        packages.append(package)
    return packages


def _placed(
    name: str, debs: Iterable[Deb]
) -> tuple[dict[str, File], dict[str, File], frozenset[str]]:
    """Files and directories by path, and the paths of what is configuration."""
    files: dict[str, File] = {}
    directories: dict[str, File] = {}
    configuration: set[str] = set()
    for deb in debs:
        configuration |= {places.place(name, path) for path in deb.configuration}
        for old in deb.files:
            if places.is_left_out(name, old.path):
                continue
            file = replace(old, path=places.place(name, old.path))
            if stat.S_ISDIR(file.mode):
                directories.setdefault(file.path, file)
            elif not stat.S_ISLNK(file.mode):
                files[file.path] = file
            elif not places.points_at_itself(file):
                files.setdefault(file.path, file)
    return files, directories, frozenset(configuration)


def _needed(files: dict[str, File], directories: dict[str, File], *, whole: bool) -> list[File]:
    """The files with those directories that are theirs, or all if *whole*."""
    above = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    kept = {
        path: file
        for path, file in directories.items()
        if (whole or path in above) and not places.is_standard(path)
    }
    return list({**kept, **files}.values())


def _begin(name: str, debs: Sequence[Deb], built: int) -> Package:
    fields = debs[0].fields
    parts = split_version(fields["Version"])
    summary, *rest = fields.get("Description", name).splitlines()
    everywhere = fields["Architecture"] == "all" and len(debs) == 1
    return Package(
        name, parts.version, parts.release, parts.epoch,
        arch="noarch" if everywhere else "x86_64", summary=summary,
        description="\n".join(line.strip() for line in rest) or summary,
        url=fields.get("Homepage", ""), vendor=NAME, built=built,
    )  # fmt: skip


def _relate(package: Package, fields: Fields, names: Names) -> None:
    """Say what a package requires, recommends ... as one of Debian says it."""
    package.requires += names.requires(fields.get("Pre-Depends", ""), SCRIPT_PRE)
    package.requires += names.requires(fields.get("Depends", ""))
    package.recommends += names.requires(fields.get("Recommends", ""))
    suggested: Iterable[Relation] = names.requires(fields.get("Suggests", ""))
    package.suggests += [item for item in suggested if not item.name.startswith("(")]
    for field in ("Conflicts", "Breaks"):
        package.conflicts += names.simple(fields.get(field, ""))
    package.provides += names.provides(fields.get("Provides", ""))
    own = {package.name, *(item.name for item in package.provides)}
    package.requires = without(package.requires, own)
    wanted = {item.name for item in package.requires}
    package.conflicts = without(package.conflicts, own | wanted)
