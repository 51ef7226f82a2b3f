"""Directories that appear whole or not at all: made beside their place, then put there."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.errors import HostError, RequestError
from appliance.host import trees


@contextmanager
def drafting(output: Path, name: str) -> Iterator[Path]:
    """Lend an empty directory inside *output*, by its absolute path, and remove it in the end;
    *output* too, if it was made for that and nothing came into it. The directories that killed
    builds left there for the same *name* are removed first.

    Raises RequestError if *output* is not a directory, HostError if it cannot be written to.
    """
    new = [place for place in (output, *output.parents) if not os.path.lexists(place)]
    try:
        output.mkdir(parents=True, exist_ok=True)
        for old in output.glob(f".{glob.escape(name)}.*.part"):
            if not Path("/proc", old.name.split(".")[-2]).exists():
                trees.remove(old)
        draft = output / f".{name}.{os.getpid()}.part"
        draft.mkdir()
    except (FileExistsError, NotADirectoryError) as error:
        raise RequestError(f"{output} is not a directory", hint="-o DIR") from error
    except OSError as error:
        raise HostError(
            f"{output} cannot be written to: {error.strerror}", hint="name another directory"
        ) from error
    try:
        yield draft.absolute()
    finally:
        trees.remove(draft)
        for place in new:
            with suppress(OSError):  # something is in it
                place.rmdir()
