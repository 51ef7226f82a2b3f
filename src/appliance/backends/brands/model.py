"""What a way of giving a system another name must be able to do."""

from typing import Protocol

from appliance.backends.families import Family
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image
from appliance.recipe.model import Note, Packages


class Way(Protocol):
    """One way of giving a system another name than its distribution's, so that updates keep it."""

    @property
    def name(self) -> str:
        """What a family's table of marks calls it."""

    def packages(
        self, packages: Packages, brand: Brand, family: Family
    ) -> tuple[Packages, tuple[Note, ...]]:
        """Return *packages* as the *brand* needs them, and a note for each line that does not
        count. Before anything is asked of repositories; twice is the same as once.

        Raises RecipeError for a brand that this way cannot give.
        """

    def script(self, brand: Brand, image: Image | None, family: Family) -> str:
        """Return the shell that runs in the tree, above the packages and below everything else;
        os-release gets the identity of the *image*, too."""
