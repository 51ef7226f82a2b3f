"""In which form a finished appliance is handed over."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from appliance.backends import bundle_formats, launchers
from appliance.backends.bundle_formats import ova
from appliance.backends.launchers import Launcher
from appliance.bundle.model import Bundle
from appliance.bundle.statements import Origin
from appliance.errors import RequestError

FOLDER = "none"  # appliance-creator's word: packed into nothing

NO_SUPPLIER = "--sbom: nobody says who makes the appliance, and so does no SBOM (--vendor NAME)"

FILE_NAME_PARTS = ("{name}", "{version}", "{arch}")
FILE_NAME_PART = re.compile(r"\{(name|version|arch)\}")


@dataclass(frozen=True)
class Signer:
    """Who signs a manifest: the PEM files of the key and of its certificate."""

    key: Path
    certificate: Path


@dataclass(frozen=True)
class Handover:
    """In which form an appliance is handed over: a directory with everything in it, by default.

    *launchers*: the launchers that it is described for; None means those that its formats are for.
    *checksums*: True if the descriptions have each image's SHA-256.
    *description*: True if NAME.appliance.json lies beside the disks.
    *package_list*: True if NAME.packages.json lies there; False where nobody knows the packages.
    *sums*: True if SHA256SUMS lies there.
    *log*: True if the build log lies there.
    *include*: files, or directories whose content, that come along.
    *forms*: names of bundle formats, or FOLDER.
    *signer*: who signs OVF packages; None if nobody does.
    *file_name*: what the directory and the files are called, with FILE_NAME_PARTS in it.
    *sboms*: names of formats of an SBOM that lies beside the disks.
    *statement_key*: the private key, a PEM file, that signs NAME.provenance.json; None: nobody
        signs one.
    *origin*: what that statement says that the bundle was made of.
    *packages*: the directory that the files of installed packages are put into; None if nobody
        wants them.
    """

    launchers: tuple[Launcher, ...] | None = None
    checksums: bool = True
    description: bool = True
    sums: bool = True
    log: bool = True
    include: tuple[Path, ...] = ()
    forms: tuple[str, ...] = (FOLDER,)
    signer: Signer | None = None
    packages: Path | None = None
    package_list: bool = True
    file_name: str = "{name}"
    sboms: tuple[str, ...] = ()
    statement_key: Path | None = None
    origin: Origin = field(default_factory=Origin)

    def called(self, name: str, version: str, architecture: str) -> str:
        """Return what an appliance is called as a directory, and at the beginning of its files'
        names."""
        words = {"name": name, "version": version, "arch": architecture}
        return FILE_NAME_PART.sub(lambda found: words[found[1]], self.file_name)

    def launching(self, bundle: Bundle) -> tuple[Launcher, ...]:
        """Return the launchers that describe *bundle*; none of them refuses it."""
        there = {artifact.disk_format for artifact in bundle.artifacts}
        meant = self.launchers
        if meant is None:
            meant = tuple(each for each in launchers.KNOWN.values() if there & {*each.unasked})
        return tuple(each for each in meant if not each.refuses(bundle))

    def left_out(self, bundle: Bundle) -> tuple[str, ...]:
        """Return a line for each wish about the machine or the product of *bundle* that nothing of
        what is handed over can express, or that will not work there."""
        described = list(self.launching(bundle))
        held = launchers.find(ova.LAUNCHER)
        if ova.NAME in self.forms and held not in described:
            described.append(held)
        unsaid = (NO_SUPPLIER,) if self.sboms and not bundle.product.vendor else ()
        return (*(text for each in described for text in each.leaves_out(bundle)), *unsaid)


def holding(
    forms: Sequence[str], formats: Sequence[str], described: Sequence[str]
) -> tuple[str, ...]:
    """Return *forms* with a directory before them if something that was asked for by name would be
    in none of them: an image in one of the disk *formats*, or what one of the launchers *described*
    writes. No forms at all are a directory."""
    kinds = [bundle_formats.find(form) for form in forms if form != FOLDER]
    if len(kinds) < len(forms) or any(not kind.formats for kind in kinds):
        return tuple(forms)  # one of them holds everything
    # Of several formats that it could hold, a bundle file holds the first.
    images = {next((each for each in kind.formats if each in formats), "") for kind in kinds}
    texts = {ova.LAUNCHER for kind in kinds if kind.name == ova.NAME}
    if kinds and images.issuperset(formats) and texts.issuperset(described):
        return tuple(forms)
    return (FOLDER, *forms)


def included(include: Sequence[Path], taken: set[str]) -> dict[str, Path]:
    """The files that *include* adds, by their paths in the appliance; links are followed.

    Raises RequestError for what is no file, for what cannot be read, for a directory that is met
    twice (a link to its own parent never ends), and for a name that is *taken*.
    """
    files: dict[str, Path] = {}
    for each in include:
        for name, path in _files(each).items():
            if not path.is_file():
                raise RequestError(f"--include: {path} is not a file")
            if not os.access(path, os.R_OK):
                raise RequestError(f"--include: {path} cannot be read")
            first = PurePath(name).parts[0]
            if first in taken:
                raise RequestError(f"--include: the appliance has a {first} of its own: {path}")
            if name in files:
                raise RequestError(f"--include: {path} and {files[name]} would be one file")
            files[name] = path
    return files


def _files(include: Path) -> dict[str, Path]:
    """Return a file by its name, or those of a directory by their paths in it."""
    if not include.is_dir():
        return {include.name: include}
    return {str(path.relative_to(include)): path for path in _below(include)}


def _below(top: Path) -> Iterator[Path]:
    """Yield all files below *top*, links followed.

    Raises RequestError for a directory that is met twice, or that cannot be read.
    """
    seen = set()
    for folder, _, names in os.walk(top, followlinks=True, onerror=_unreadable):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            raise RequestError(f"--include: {folder} is a directory that is there already")
        seen.add((status.st_dev, status.st_ino))
        yield from (Path(folder) / name for name in names)


def _unreadable(error: OSError) -> None:
    raise RequestError(f"--include: {error.filename} cannot be read: {error.strerror}") from error
