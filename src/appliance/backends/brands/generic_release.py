"""Fedora: packages that say nothing of it are chosen in place of those that do, before anything is
resolved. What the system calls itself then lies outside all packages.

Facts: generic-release and generic-logos, which Fedora has for this; tmpfiles.d(5).
"""

from appliance.backends.brands import texts
from appliance.backends.brands.swapped import swapped
from appliance.backends.families import Family
from appliance.backends.families.marks import GENERIC
from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image
from appliance.recipe.model import Note, Packages

OWN = "/usr/lib/appliance/os-release"
# A package holds /etc/os-release as a link, and would bring it back: each start sets it right.
AGAIN = "/etc/tmpfiles.d/brand.conf"
AGAIN_TEXT = f"L+ /etc/os-release - - - - ..{OWN}\n"


class GenericRelease:
    """Takes packages without marks; the files of the brand are links and files beside theirs."""

    name = GENERIC

    def packages(
        self, packages: Packages, brand: Brand, family: Family
    ) -> tuple[Packages, tuple[Note, ...]]:
        """Return *packages* with those without marks, or the brand's own release package, in place
        of the distribution's."""
        marks = family.marks
        logos = marks.remix_logos if brand.remix else marks.generic_logos
        return swapped(
            packages,
            brand,
            ours=(brand.release_package or marks.generic_release, logos),
            theirs=(*marks.release_packages, *marks.logo_packages),
        )

    def script(self, brand: Brand, image: Image | None, family: Family) -> str:
        """Return the shell that writes the files of the *brand*; nothing if a package has them."""
        return "" if brand.release_package else above_packages(brand, image, family)


def above_packages(brand: Brand, image: Image | None, family: Family) -> str:
    """Return shell that lets /etc/os-release lead to the brand's own, and writes what people
    read."""
    parts = [
        "set -eu",
        write_file(OWN, texts.os_release(brand, image, family.marks.like)),
        f"({texts.kept(texts.OS_RELEASE)}) >> {OWN}",
        f"ln -sfn ..{OWN} /etc/os-release",
        write_file(AGAIN, AGAIN_TEXT),
        "rm -f /etc/issue /etc/issue.net /etc/motd",  # links to what packages hold
        texts.greeting(brand),
        texts.picture(brand),
        texts.splash(brand),
    ]
    return "\n".join(part for part in parts if part) + "\n"
