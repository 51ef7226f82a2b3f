"""The passphrases of encrypted volumes: read where their sources say, shortly before they are used.

They go to the worker and to cryptsetup, and into nothing that is kept: no plan, no log, no store.
"""

import os
import shlex
from pathlib import Path

from appliance.errors import RecipeError, RequestError, Where
from appliance.layout.contents import contents
from appliance.recipe.encryption import HERE
from appliance.recipe.model import Recipe

OPTION = "--passphrase"
LARGEST = 8 * 1024 * 1024  # bytes; more than cryptsetup(8) takes from a file


def passphrases(recipe: Recipe) -> dict[str, str]:
    """Return every passphrase of *recipe* by its source.

    Raises RequestError for a variable or a file that is not there, or has nothing in it, and
    RecipeError for a line that has changed meanwhile.
    """
    sources = {
        one.encryption.source: one.volume.where
        for content in contents(recipe)
        for one in content.containers
    }
    return {source: _read(source, where) for source, where in sources.items()}


def _read(source: str, where: Where) -> str:
    kind, _, rest = source.partition(":")
    text = {"env": _variable, "file": _file, HERE: _in_line}[kind](rest, where)
    if not text:
        raise RequestError(f"{where}: the passphrase from {source} is empty")
    return text


def _variable(name: str, where: Where) -> str:
    if name not in os.environ:
        raise RequestError(
            f"{where}: the passphrase is to be in the variable {name}, which is not set",
            hint=f"export {name}, or --passphrase file:PATH",
        )
    return os.environ[name]


def _file(name: str, where: Where) -> str:
    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(LARGEST).removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            f"{where}: the passphrase cannot be read from {name}: {error}",
            hint="--passphrase file:PATH or env:NAME",
        ) from error


def _in_line(place: str, where: Where) -> str:
    """Read the line of the kickstart again, since no recipe holds what it says."""
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
    for word, following in zip(words, (*words[1:], ""), strict=True):
        option, equals, value = word.partition("=")
        if option == OPTION:
            return value if equals else following
    raise RecipeError("the line has no passphrase any more", where=where)
