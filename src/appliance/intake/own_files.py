"""Find the author's own files: what of this machine a build may bring into an image or show to
scripts, and what is in it.

A kickstart and its sheet may be a stranger's. So what a sheet names lies below the sheet's own
directory, wherever links lead; and of what lies beside a kickstart only a directory called `files`
is shown unasked. What was typed may be anywhere.
"""

import glob
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import RequestError
from appliance.host.own_files import Amount, amount
from appliance.plan.own_files import NO_FILES, FoundFiles
from appliance.recipe.own_files import Copy, OwnFiles, ShownDirectory
from appliance.steps.copy_files import CopiedFiles

UNASKED = "files"  # the directory beside a kickstart that its scripts see by themselves


@dataclass(frozen=True)
class Brought:
    """The author's own files, found.

    *files*: what a plan says of them.
    *places*: where each file or directory is, with its digest.
    *amounts*: how much is in each.
    *shown*: the directories that scripts see.
    """

    files: FoundFiles
    places: tuple[tuple[str, Path], ...]
    amounts: tuple[Amount, ...]
    shown: tuple[Path, ...]

    @property
    def count(self) -> int:
        """How many files these are."""
        return sum(each.files for each in self.amounts)

    @property
    def size(self) -> int:
        """How many bytes all of them have."""
        return sum(each.size for each in self.amounts)


NOTHING = Brought(NO_FILES, (), (), ())


@dataclass(frozen=True)
class Looking:
    """How to look at files.

    *without*: the directories that do not belong to them, since builds write there.
    *content*: whether their content counts; else only their names do, which is quick.
    *scripts*: whether any script will see a directory; else none is looked into.
    """

    without: tuple[str, ...] = ()
    content: bool = True
    scripts: bool = True


def brought(own: OwnFiles, kickstart: Path, looking: Looking) -> Brought:
    """Find the files that *own* names, and the directory `files` beside the *kickstart*.

    Raises RequestError, with the line that names them, for files that are not there, cannot be
    read, or lie where the sheet may not take them from.
    """
    places: list[tuple[str, Path]] = []
    amounts: list[Amount] = []

    def look(path: Path, *, devices: bool) -> str:
        found = amount(path, devices=devices, without=looking.without, content=looking.content)
        places.append((found.digest, path))
        amounts.append(found)
        return found.digest

    copies = []
    for copy in own.copies:
        with _named(copy):
            copies += [
                CopiedFiles(look(path, devices=True), place, copy.mode, copy.owner, copy.where)
                for path, place in _sources(copy)
            ]
    shown: dict[Path, str] = {}
    for each in (*unasked(kickstart), *own.shown):
        with _named(each):
            path = _directory(each)
            if looking.scripts and path not in shown:
                shown[path] = look(path, devices=False)
    files = FoundFiles(tuple(copies), tuple(shown.values()), _names(tuple(shown)))
    return Brought(files, tuple(places), tuple(amounts), tuple(shown))


@contextmanager
def _named(by: Copy | ShownDirectory) -> Iterator[None]:
    """Let errors say what names the files, and in which line of a sheet."""
    option, text = ("--copy", by.source) if isinstance(by, Copy) else ("--files", by.path)
    said = f"[files] '{text}'" if by.within else f"{option} {text}"
    try:
        yield
    except RequestError as error:
        raise RequestError(f"{said}: {error.problem}", hint=error.hint, where=by.where) from error


def _sources(copy: Copy) -> Iterator[tuple[Path, str]]:
    """Yield each file or directory that *copy* names, and what it becomes in the image. The content
    of a directory goes to DEST itself; a file goes into DEST if that ends in a slash, and so does
    everything that a glob finds."""
    dest = copy.dest.rstrip("/")
    named = _place(copy.source, copy.within)
    if os.path.lexists(named):
        tree = copy.source.endswith("/")
        path = _inside(named, copy.within, follow=tree)
        if tree and not path.is_dir():
            raise RequestError("this is a file, not a directory")
        into = copy.dest.endswith("/") and (path.is_symlink() or not path.is_dir())
        yield path, f"{dest}/{path.name}" if into else dest or "/"
        return
    # As in a shell: what a * finds has no dot in front. Paths know no such glob.
    pattern = copy.source if copy.within else str(named)
    found = sorted(glob.glob(pattern, root_dir=copy.within, recursive=True))  # noqa: PTH207
    if not found:
        raise RequestError(
            f"there is no {named}", hint="a file, a directory, or a glob that finds something"
        )
    paths = [_inside(_place(each, copy.within), copy.within, follow=False) for each in found]
    names: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        if path.name in names:
            raise RequestError(f"{names[path.name]} and {path} would be one file in the image")
        names[path.name] = path
        yield path, f"{dest}/{path.name}"


def _place(text: str, within: Path | None) -> Path:
    try:
        return within / text if within else Path(text).expanduser()
    except RuntimeError:  # no user of that name
        return Path(text)


def _inside(named: Path, within: Path | None, *, follow: bool) -> Path:
    """Return the absolute path of *named*, with no links above it; *follow*: it is none itself.

    Raises RequestError if it is not below *within*.
    """
    try:
        link = named.is_symlink() and not follow
        path = named.parent.resolve() / named.name if link else named.resolve(strict=True)
        base = within.resolve() if within else None
    except (OSError, RuntimeError) as error:  # links in a circle are a RuntimeError
        raise RequestError(f"{named} cannot be read: it leads nowhere") from error
    if base and (path == base or not path.is_relative_to(base)):
        raise RequestError(
            f"a sheet takes files from below {base} only",
            hint="name it on the command line: --copy SOURCE:DEST, --files DIR",
        )
    return path


def unasked(kickstart: Path) -> list[ShownDirectory]:
    """Return the directory beside the *kickstart* that is shown by itself, if there is one; a link
    could lead anywhere."""
    beside = kickstart.absolute().parent / UNASKED
    return [ShownDirectory(str(beside))] if beside.is_dir() and not beside.is_symlink() else []


def _directory(each: ShownDirectory) -> Path:
    named = _place(each.path, each.within)
    if not os.path.lexists(named):
        raise RequestError(f"there is no {named}")
    if not os.path.isdir(named):  # noqa: PTH112 - a Path raises for a name that is too long
        raise RequestError("this is a file, not a directory", hint=f"--files {named.parent}")
    return _inside(named, each.within, follow=True)


def _names(directories: Sequence[Path]) -> tuple[str, ...]:
    """The names of those *directories* that none of them has something of.

    Raises RequestError if two of them have something of one name: scripts see all as one.
    """
    owners: dict[str, Path] = {}
    for directory in directories:
        for name in sorted(each.name for each in directory.iterdir()):
            if name in owners:
                raise RequestError(
                    f"'{name}' is both in {owners[name]} and in {directory}, "
                    "which scripts see as one directory"
                )
            owners[name] = directory
    return tuple(dict.fromkeys(each.name for each in directories if each.name not in owners))
