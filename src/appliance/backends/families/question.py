"""What the repositories are asked: a recipe, for a machine, on the terms of the command line."""

from dataclasses import dataclass

from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.repository_options import RepositoryOptions

NOTHING_SAID = RepositoryOptions()


@dataclass(frozen=True)
class Question:
    """A *recipe* with all that it stores, and what else decides with which packages it is answered.

    *architecture* is the image's, as the kernel names it. *tools* is the root whose programs do
    the work; empty: this host's.
    """

    recipe: Recipe
    storage: Storage
    options: RepositoryOptions = NOTHING_SAID
    architecture: str = "x86_64"
    tools: str = ""
