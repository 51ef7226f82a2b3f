"""Which distribution? One file per family; KNOWN lists them."""

import difflib
from collections.abc import Sequence

from appliance.backends.families.apt_sources import AptSource, HostSource
from appliance.backends.families.debian import Debian
from appliance.backends.families.model import Family, Release
from appliance.backends.families.rpm_known import RPM_FAMILIES, rpm_family_of
from appliance.errors import RecipeError, RequestError, Where
from appliance.recipe.model import Recipe, Repository
from appliance.recipe.reading.commands.sources import MEDIA

__all__ = ["KNOWN", "AptSource", "Family", "HostSource", "Release", "choose", "known_names"]

DEBIAN = Debian()
ALL: tuple[Family, ...] = (DEBIAN, *RPM_FAMILIES)
KNOWN: dict[str, Family] = {family.name: family for family in ALL}
EXAMPLE = "repo --name=fedora-44, or --repo debian-trixie on the command line"


def choose(
    recipe: Recipe, *, releasever: str = "", addresses: Sequence[str] = ()
) -> tuple[Family, str]:
    """Say which family, and which release of it, the repositories of *recipe* make.

    A known repository (`repo --name=debian-trixie`) decides; *releasever*, a codename or a number
    (trixie, 13), replaces its release. Without one the first address decides: an apt archive by
    its suite, if that is known, else by *releasever*, else the suite itself is taken for the
    release; any other is of an RPM family, of the one whose name stands in it, and *releasever*
    is its release. Where the recipe has none, the first of the *addresses* in `.repo` files does.

    Raises RecipeError if no repository says a family, if a name is not known, or if two known
    repositories are of different releases; RequestError if there is no such *releasever*.
    """
    named = [(item, *_known(item)) for item in recipe.repositories if item.known]
    for repository, family, release in named[1:]:
        if (family, release) != named[0][1:]:
            raise RecipeError(
                f"{repository.name} and {named[0][0].name} cannot make one image",
                where=repository.where,
                hint="keep one of the two repo lines",
            )
    if named:
        _, family, release = named[0]
        return family, _release(family, releasever) if releasever else release
    for item in recipe.repositories:
        suite = DEBIAN.release_of(item.url)
        if suite:
            return DEBIAN, _of_suite(DEBIAN, suite, releasever)
    for address in (*(item.address for item in recipe.repositories), *addresses):
        return rpm_family_of(address), releasever
    raise RecipeError(
        "no repository says which distribution this is", where=_medium(recipe), hint=EXAMPLE
    )


def _medium(recipe: Recipe) -> Where | None:
    """The line that speaks of an installation medium, if one does (`cdrom`)."""
    return next((note.where for note in recipe.notes if note.command in MEDIA), None)


def known_names() -> dict[str, tuple[Family, str]]:
    """The repositories that need no URL, with the family and the release that each makes."""
    return {
        f"{family.name}-{release.codename}": (family, release.codename)
        for family in KNOWN.values()
        for release in family.releases
    }


def _known(repository: Repository) -> tuple[Family, str]:
    """Look a known repository up by its name."""
    names = known_names()
    if repository.name not in names:
        near = difflib.get_close_matches(repository.name, names, n=2) or sorted(names)
        raise RecipeError(
            f"no repository is known as '{repository.name}', and the line has no URL",
            where=repository.where,
            hint=" or ".join(f"repo --name={name}" for name in near),
        )
    return names[repository.name]


def _of_suite(family: Family, suite: str, releasever: str) -> str:
    known = suite in {release.codename for release in family.releases}
    return _release(family, releasever) if releasever and not known else suite


def _release(family: Family, releasever: str) -> str:
    """Turn what people type for a release into its codename."""
    names = {
        word: release.codename
        for release in family.releases
        for word in (release.codename, release.version)
    }
    if releasever not in names:
        near = difflib.get_close_matches(releasever, names, n=1) or sorted(names)
        raise RequestError(
            f"{family.name} has no release '{releasever}' that is known here",
            hint=" or ".join(f"--releasever={name}" for name in near),
        )
    return names[releasever]
