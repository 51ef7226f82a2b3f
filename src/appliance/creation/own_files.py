"""Find the author's own files before a build, and tell the worker where they are."""

from collections.abc import Sequence
from pathlib import Path

from appliance.engine.order import Source
from appliance.events import Emit, phase
from appliance.intake.own_files import NOTHING, Brought, Looking, brought, unasked
from appliance.recipe.model import Recipe
from appliance.recipe.own_files import OwnFiles
from appliance.units import show

PHASE = "own files"


def found(
    own: OwnFiles, recipe: Recipe, kickstart: Path, *, writes: Sequence[Path], emit: Emit
) -> Brought:
    """Find the files that *own* names, and those beside the *kickstart*, and read all of them: what
    scripts would see only if the *recipe* has such scripts. The directories that a build *writes*
    to do not belong to them.

    Raises RequestError for files that cannot be had.
    """
    looking = Looking(_names(writes), scripts=any(not each.chroot for each in recipe.scripts))
    if own == OwnFiles() and not (looking.scripts and unasked(kickstart)):
        return NOTHING
    with phase(PHASE, emit) as done:
        files = brought(own, kickstart, looking)
        done(f"{files.count} {'file' if files.count == 1 else 'files'}, {show(files.size)}")
    return files


def sources(files: Brought, writes: Sequence[Path]) -> tuple[Source, ...]:
    """Where the worker finds *files*; a build *writes* to directories that do not belong to
    them."""
    without = _names(writes)
    return tuple(Source(digest, str(place), without) for digest, place in files.places)


def _names(writes: Sequence[Path]) -> tuple[str, ...]:
    return tuple(str(place.resolve()) for place in writes)
