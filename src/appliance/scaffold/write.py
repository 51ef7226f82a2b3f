"""Write a new directory: all of it, or nothing."""

from collections.abc import Sequence
from pathlib import Path

from appliance.errors import HostError, RequestError
from appliance.scaffold.texts import NewFile
from appliance.store.drafting import drafting


def write(place: Path, files: Sequence[NewFile]) -> None:
    """Make the directory *place*, or fill the one that is there and empty, with *files*.

    It is written beside its place and gets its name in the end. Raises RequestError if there is
    something at *place* already, HostError if it cannot be written; then nothing was.
    """
    check_free(place)
    with drafting(place.parent, place.name) as draft:
        try:
            for file in files:
                _write(draft / file.path, file)
            draft.rename(place)
        except OSError as error:
            raise HostError(
                f"cannot write {place}: {error.strerror}", hint="name another directory"
            ) from error


def _write(path: Path, file: NewFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file.text)
    if file.program:  # for whoever may read it
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o444) >> 2)


def check_free(place: Path) -> None:
    """Raise RequestError if *place* is anything but an empty directory, or not there."""
    hint = f"appliance new {place}-2"
    try:
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise RequestError(f"{place} is there already, and is no directory", hint=hint)
        if place.is_dir() and any(place.iterdir()):
            raise RequestError(f"{place} is there already, with files in it", hint=hint)
    except OSError as error:
        raise HostError(f"cannot look at {place}: {error.strerror}") from error
