"""Read the passphrases of encrypted volumes from their sources, shortly before they are used.

They go to the worker and to cryptsetup, and are in nothing that is kept: no plan, log or store.
"""

import shlex
from itertools import pairwise
from pathlib import Path

from appliance.errors import RecipeError, Where
from appliance.host.passphrase_sources import checked, named
from appliance.plan.model import Plan
from appliance.recipe.reading.encryption import HERE
from appliance.steps.assemble_disk import AssembleDisk

OPTION = "--passphrase"


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


def _read(source: str, where: Where) -> str:
    kind, _, rest = source.partition(":")
    if kind == HERE:
        return checked(_in_line(rest, where), "this line", where)
    return named(source, where)


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
