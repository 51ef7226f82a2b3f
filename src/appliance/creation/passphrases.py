"""Read the passphrases of encrypted volumes from their sources, shortly before they are used.

They go to the worker and to cryptsetup, and are in nothing that is kept: no plan, log or store.
"""

import os
import shlex
from itertools import pairwise
from pathlib import Path

from appliance.errors import RecipeError, RequestError, Where
from appliance.plan.model import Plan
from appliance.recipe.reading.encryption import HERE
from appliance.steps.assemble_disk import AssembleDisk

OPTION = "--passphrase"
LONGEST = 512  # characters that cryptsetup(8) reads from a terminal


def passphrases(plan: Plan) -> dict[str, str]:
    """Return every passphrase that the disks of *plan* need, by its source.

    Raises RequestError for a variable or a file that is not there, or has nothing in it, and
    RecipeError for a line that has changed meanwhile.
    """
    disks = (step for step in plan.steps if isinstance(step, AssembleDisk))
    sources = {
        area.encryption.source: area.where
        for disk in disks
        for area in disk.areas()
        if area.encryption
    }
    return {source: _read(source, where) for source, where in sources.items()}


def named(source: str, where: Where | None = None) -> str:
    """Return the passphrase from *source*, env:NAME or file:PATH; raise RequestError if there is
    none. *where* is the line of the kickstart that the error names."""
    kind, _, rest = source.partition(":")
    if kind not in ("env", "file"):
        raise RequestError(
            "--passphrase says where the passphrase is, not what it is",
            hint="--passphrase env:NAME or --passphrase file:PATH",
        )
    text = _variable(rest, where) if kind == "env" else _file(rest, where)
    return _checked(text, source, where)


def _read(source: str, where: Where) -> str:
    kind, _, rest = source.partition(":")
    if kind == HERE:
        return _checked(_in_line(rest, where), "this line", where)
    return named(source, where)


def _checked(text: str, source: str, where: Where | None) -> str:
    if not text:
        raise RequestError(f"the passphrase from {source} is empty", where=where)
    if len(text) > LONGEST or not text.isprintable():
        raise RequestError(
            f"nobody could type the passphrase from {source}",
            where=where,
            hint=f"one line of at most {LONGEST} characters",
        )
    return text


def _variable(name: str, where: Where | None) -> str:
    if name not in os.environ:
        raise RequestError(
            f"the passphrase is to be in the variable {name}, which is not set",
            where=where,
            hint=f"export {name}, or --passphrase file:PATH",
        )
    return os.environ[name]


def _file(name: str, where: Where | None) -> str:
    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(LONGEST + 2).removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            f"the passphrase cannot be read from {name}: {error}",
            where=where,
            hint="--passphrase file:PATH or env:NAME",
        ) from error


def _in_line(place: str, where: Where) -> str:
    """Read the passphrase from the line of the kickstart at *place* (FILE:NUMBER), since no recipe
    holds it; raise RecipeError if it is not there any more."""
    name, _, number = place.rpartition(":")
    try:
        line = Path(name).read_text(encoding="utf-8", errors="replace").split("\n")[int(number) - 1]
        words = shlex.split(line, comments=True)
    except (OSError, ValueError, IndexError) as error:
        raise RecipeError(
            "the line with the passphrase cannot be read again",
            where=where,
            hint="--passphrase env:NAME or file:PATH on the command line",
        ) from error
    for word, following in pairwise((*words, "")):
        option, equals, value = word.partition("=")
        if option == OPTION:
            return value if equals else following
    raise RecipeError("the line has no passphrase any more", where=where)
