"""Enterprise Linux: there is no release package without a name, so the brand brings one of its own,
which `appliance brand rpm` makes of the product sheet."""

from appliance.backends.brands import texts
from appliance.backends.brands.swapped import place, swapped
from appliance.backends.families import Family
from appliance.backends.families.marks import OWN
from appliance.errors import RecipeError
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image
from appliance.recipe.model import Note, Packages

MAKE_ONE = 'appliance brand rpm makes one: a repo line for it, and release-package = "…" in [brand]'
INSTEAD = "[brand] instead of --unbrand, with the package that appliance brand rpm makes"


class OwnRelease:
    """Takes the brand's own release package, which holds all that says whose system it is."""

    name = OWN

    def packages(
        self, packages: Packages, brand: Brand, family: Family
    ) -> tuple[Packages, tuple[Note, ...]]:
        """Return *packages* with the brand's release package in place of the distribution's.

        Raises RecipeError if the brand names none.
        """
        if not brand.release_package:
            raise RecipeError(
                f"{family.marks.words[0]} has no release package without its own name",
                hint=INSTEAD if brand.neutral else MAKE_ONE,
                where=place(brand),
            )
        marks = family.marks
        return swapped(
            packages,
            brand,
            ours=(brand.release_package,),
            theirs=(*marks.release_packages, *marks.logo_packages),
        )

    def script(self, brand: Brand, image: Image | None, family: Family) -> str:
        """Return the shell for what no package decides: a theme for plymouth, if it is there."""
        own = texts.picture(brand)
        there = f"{texts.PICTURES}/{texts.picture_name(brand)}.png"
        pictured = f"if [ ! -e {there} ]; then\n{own}\nfi" if own else ""
        parts = ("set -eu", pictured, texts.splash(brand))
        return "\n".join(part for part in parts if part) + "\n"
