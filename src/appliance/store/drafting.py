"""Directories that appear whole or not at all: made beside their place, then put there."""

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.errors import HostError, RequestError
from appliance.host import trees


def check_output(output: Path) -> None:
    """Find out whether directories can be made in *output*, or *output* itself; nothing stays.

    Raises what drafting() would raise.
    """
    there = next(each for each in (output, *output.absolute().parents) if os.path.lexists(each))
    with _refusals(output):
        Path(tempfile.mkdtemp(prefix=".appliance.", dir=there)).rmdir()


@contextmanager
def _refusals(output: Path) -> Iterator[None]:
    """Say in our words why *output* cannot be written to."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise RequestError(f"{output} is not a directory", hint="-o DIR") from error
    except OSError as error:
        raise HostError(
            f"{output} cannot be written to: {error.strerror}", hint="name another directory"
        ) from error


@contextmanager
def drafting(output: Path, name: str) -> Iterator[Path]:
    """Lend an empty directory inside *output*, by its absolute path, and remove it in the end;
    *output* too, if it was made for that and nothing came into it. The directories that killed
    builds left there for the same *name* are removed first.

    Raises RequestError if *output* is not a directory, HostError if it cannot be written to.
    """
    new = [place for place in (output, *output.parents) if not os.path.lexists(place)]
    with _refusals(output):
        output.mkdir(parents=True, exist_ok=True)
        for old in output.glob(f".{glob.escape(name)}.*.part"):
            if not Path("/proc", old.name.split(".")[-2]).exists():
                trees.remove(old)
        draft = output / f".{name}.{os.getpid()}.part"
        draft.mkdir()
    try:
        yield draft.absolute()
    finally:
        trees.remove(draft)
        for place in new:
            with suppress(OSError):  # something is in it
                place.rmdir()
