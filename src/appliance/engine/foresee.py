"""Say what would stop a build before it starts: without the network, and with nothing made."""

from dataclasses import dataclass
from pathlib import Path

from appliance.backends import families
from appliance.backends.package_managers.model import Lock
from appliance.engine.resolve import Sources, settle
from appliance.errors import (
    ApplianceError,
    HostError,
    RecipeError,
    RequestError,
    SourceError,
    Where,
)
from appliance.plan.make import Target, make_plan
from appliance.recipe.load import problems
from appliance.recipe.model import Note, Recipe
from appliance.recipe.overrides import Overrides

NO_REPOSITORY = "no repository is named: a build needs --repo NAME, or --repo FILE"
USUAL_FAMILY = "fedora"


@dataclass(frozen=True)
class Foreseen:
    """What is wrong with one kickstart, and what its author should know."""

    path: Path
    problems: tuple[ApplianceError, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Settled:
    family: str
    release: str
    recipe: Recipe
    open: str = ""  # what a build would still have to be told


def foresee(path: Path, overrides: Overrides, sources: Sources, target: Target) -> Foreseen:
    """Read *path*, choose its family, lay its disks out; what packages come to is not asked."""
    found, recipe = problems(path, overrides)
    if recipe is None:
        return Foreseen(path, tuple(found), ())
    notes = recipe.notes
    try:
        settled = _settled(recipe, sources, target)
        if settled.open:
            notes += (Note(settled.open, Where(path, 1)),)
        lock = Lock(settled.family, settled.release, (), 0, (), (), target.architecture)
        make_plan(
            settled.recipe,
            lock,
            target,
            versions=lambda tools: tuple((tool, "") for tool in tools),
        )
    except (RecipeError, RequestError) as error:
        return Foreseen(path, (error,), notes)
    return Foreseen(path, (), notes)


def _settled(recipe: Recipe, sources: Sources, target: Target) -> _Settled:
    """The family and its release, and the recipe with what they complete in it."""
    if not (recipe.repositories or sources.named or sources.repository_files):
        return _Settled(USUAL_FAMILY, "", recipe, NO_REPOSITORY)
    try:
        ask = settle(recipe, sources, target, tools="")
    except (HostError, SourceError, RequestError) as error:
        # The author's text is right: this machine lacks a key, or the command line a word.
        family, release = families.choose(recipe, releasever=sources.releasever)
        words = f"{error.problem}; {error.hint}" if error.hint else error.problem
        return _Settled(family.name, release, recipe, words)
    return _Settled(ask.family.name, ask.release, ask.question.recipe)
