"""Which files belong to a bundle: those below its directory, links followed, and not too many."""

import itertools
import os
from pathlib import Path

from appliance.errors import RequestError, Where

MOST_FILES = 10_000  # of one directory


def inside(file: str, path: Path, where: Where) -> Path:
    """Return the path of *file*, which the description *path* names, if it is below the directory
    that the description itself is in, wherever links lead; it need not be there.

    Only what this returns may be opened: where *path* is a link, a file of the same name is beside
    the link, too. The last part keeps its name, which says the format, though it may be a link.

    Raises RequestError, with *where*, if it leads out of it or to what is no file.
    """
    return within(file, path.resolve().parent, where)


def within(file: str, base: Path, where: Where) -> Path:
    """The same for a *file* that is named relative to the directory *base*, without links."""
    there = Path(file)
    if there.is_absolute() or ".." in there.parts or "\0" in file:
        raise RequestError(f"'{file}' is not a file of this bundle", where=where)
    try:
        found = (base / there).resolve()
        strange = found.exists() and not found.is_file()
    # too long a name; links in a circle are a RuntimeError; letters that no name can have
    except (OSError, RuntimeError, UnicodeError):
        raise RequestError(f"'{file}' cannot be found", where=where) from None
    if not found.is_relative_to(base):
        raise RequestError(
            f"'{file}' is not a file of this bundle: it leads to {found}", where=where
        )
    if strange:
        raise RequestError(f"'{file}' is not a file", where=where)
    return base / there


def files_in(directory: Path) -> tuple[Path, ...]:
    """The regular files in *directory* itself, in the order of their names; links to files in it
    are files. Other links, pipes, sockets, devices and directories are left out.

    Raises RequestError if it cannot be read, or holds more than any bundle does.
    """
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in itertools.islice(entries, MOST_FILES + 1)]
        base = directory.resolve()
    except OSError as error:
        raise RequestError(f"cannot read {directory}: {error.strerror}") from None
    if len(names) > MOST_FILES:
        raise RequestError(f"{directory} holds more than {MOST_FILES} files: no bundle")
    return tuple(directory / name for name in sorted(names) if _is_own(directory / name, base))


def _is_own(path: Path, base: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(base)
    except (OSError, RuntimeError):
        return False
