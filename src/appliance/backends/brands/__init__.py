"""How each distribution family is given another name and look: a file per way, chosen by the
family's table of marks."""

from dataclasses import replace

from appliance.backends.brands.diversions import Diversions
from appliance.backends.brands.generic_release import GenericRelease
from appliance.backends.brands.model import Way
from appliance.backends.brands.own_release import OwnRelease
from appliance.backends.families import Family
from appliance.recipe.model import Recipe

KNOWN: dict[str, Way] = {way.name: way for way in (Diversions(), GenericRelease(), OwnRelease())}


def settled(recipe: Recipe, family: Family) -> Recipe:
    """Return *recipe* with the packages of its brand in place of those with the marks of *family*,
    whatever it says of them, and with a note for each of its lines that does not count.

    Raises RecipeError if the family's own name cannot be left out as the brand is said.
    """
    if recipe.brand is None:
        return recipe
    packages, notes = KNOWN[family.marks.way].packages(recipe.packages, recipe.brand, family)
    return replace(recipe, packages=packages, notes=(*recipe.notes, *notes))


def script(recipe: Recipe, family: Family) -> str:
    """Return the shell that gives the installed system of *recipe* its brand; empty if nothing is
    left to do."""
    if recipe.brand is None:
        return ""
    return KNOWN[family.marks.way].script(recipe.brand, recipe.image, family)
