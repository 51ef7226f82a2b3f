"""What the repositories are asked: a recipe, for a machine, on the terms of the command line."""

from dataclasses import dataclass

from appliance.layout.storage import Storage
from appliance.recipe.model import Recipe
from appliance.recipe.repository_options import RepositoryOptions

NOTHING_SAID = RepositoryOptions()


@dataclass(frozen=True)
class Question:
    """What the repositories are asked: a recipe, and all else that decides which packages it comes
    to.

    *recipe*: the recipe with its list of packages.
    *storage*: everything that the recipe stores on disks, defaults settled: filesystems need tools.
    *options*: what the command line says about repositories.
    *architecture*: the image's, as the kernel names it.
    *tools*: the root filesystem whose programs do the work; empty means this host's programs.
    """

    recipe: Recipe
    storage: Storage
    options: RepositoryOptions = NOTHING_SAID
    architecture: str = "x86_64"
    tools: str = ""
