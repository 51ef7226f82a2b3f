"""What an image is to be without, where something needs it.

Whoever includes a kickstart asks for more than its author knew of: so an exclude of an included
file yields to what settings and packages need, and that is said. An exclude of the kickstart itself
is meant as it stands.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

from appliance.backends.families import Family
from appliance.errors import RecipeError
from appliance.recipe.model import Note, Packages, Recipe, WantedPackage


class Named(Protocol):
    """A package that was chosen, however a package manager describes it."""

    @property
    def name(self) -> str:
        """Return what the package is called."""


T = TypeVar("T", bound=Named)


def settled(recipe: Recipe, family: Family) -> Recipe:
    """Return *recipe* without the excludes that yield to what its settings need in an image of
    *family*, and with a note for each of them.

    Raises RecipeError for an exclude that does not yield to what a setting cannot do without.
    """
    excluded, notes = list(recipe.packages.excluded), []
    for need in family.packages_of_settings(recipe):
        for wanted in (item for item in tuple(excluded) if fnmatchcase(need.package, item.name)):
            if wanted.yields:
                excluded.remove(wanted)
                text = f"-{wanted.name} yields: {need.setting} needs {need.package}"
                notes.append(Note(text, wanted.where))
            elif need.always:
                raise RecipeError(
                    f"-{wanted.name} cannot be left out: {need.setting} needs it",
                    where=wanted.where,
                    hint=f"take '-{wanted.name}' away, or leave out {need.setting} too",
                )
    packages = replace(recipe.packages, excluded=tuple(excluded))
    return replace(recipe, packages=packages, notes=(*recipe.notes, *notes))


def chosen(choose: Callable[[Packages], tuple[T, ...]], packages: Packages) -> tuple[T, ...]:
    """Return what *choose* says that *packages* come to, with as many of the yielding excludes as
    can be; which of them are gone, unmet() tells.

    *choose* raises RecipeError where it finds no answer; if none is found without all yielding
    excludes either, its error is raised.
    """
    yielding = [item for item in packages.excluded if item.yields]
    try:
        return choose(packages)
    except RecipeError:
        if not yielding:
            raise
    answer = choose(_without(packages, yielding))
    # one by one: of those that came along, some may have come only because nothing forbade it
    gone = unmet(packages, answer)
    for item in tuple(gone):
        fewer = [other for other in gone if other != item]
        try:
            answer = choose(_without(packages, fewer))
        except RecipeError:
            continue
        gone = fewer
    return answer


def unmet(packages: Packages, answer: Iterable[Named]) -> list[WantedPackage]:
    """Return the yielding excludes of *packages* of which the *answer* holds something."""
    names = {package.name for package in answer}
    return [
        item
        for item in packages.excluded
        if item.yields and any(fnmatchcase(name, item.name) for name in names)
    ]


def notes(packages: Packages, answer: Iterable[Named]) -> tuple[Note, ...]:
    """Say which excludes have yielded to what the packages of *answer* need."""
    return tuple(
        Note(f"-{item.name} yields: something that is wanted needs it", item.where)
        for item in unmet(packages, answer)
    )


def _without(packages: Packages, items: Sequence[WantedPackage]) -> Packages:
    left = tuple(item for item in packages.excluded if item not in items)
    return replace(packages, excluded=left)
