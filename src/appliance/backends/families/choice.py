"""Which family, and which release of it, the repositories of a recipe make."""

import difflib
from collections.abc import Sequence
from typing import TypeVar

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_addresses import split
from appliance.backends.families.known import APT, KNOWN, RPM, RPM_KNOWN
from appliance.backends.families.model import Family
from appliance.backends.families.told import Told, by_address
from appliance.backends.families.unsupported import by_suite
from appliance.errors import RecipeError, RequestError, SourceError, Where
from appliance.recipe.model import Recipe, Repository
from appliance.recipe.reading.commands.sources import MEDIA

Kind = TypeVar("Kind", bound=Family)
# Repositories that a release is made of, by the name that an installer has for each: the families
# that have one of this name.
SINGLE = {
    known.name: sorted(
        {one.name for one in RPM if known.name in {each.name for each in one.repositories()}}
    )
    for family in RPM
    for known in family.repositories()
}
EXAMPLE = "repo --name=fedora-44, or --repo debian-trixie on the command line"


def choose(
    recipe: Recipe,
    *,
    releasever: str = "",
    addresses: Sequence[str] = (),
    distribution: str = "",
) -> tuple[Family, str]:
    """Say which family, and which release of it, the repositories of *recipe* make.

    A known repository (`repo --name=debian-trixie`) decides; *releasever*, a codename or a number
    (trixie, 13), replaces its release. Without one the first address decides: an apt archive by
    its suite, if that is known, else by *releasever*, else the suite itself is taken for the
    release, of Debian until its Release file is read (origins.py); any other is of an RPM family,
    of the one whose name stands first in an address, and its release is *releasever*, or the number
    that stands behind such a name; empty if nobody says one. The recipe's addresses come before the
    *addresses* in `.repo` files. Where no address says it, the family is the
    *distribution*, if that is one of RPM packages, or else a guess.

    Raises SourceError for a distribution that is not made here, RecipeError if no repository says a
    family, if a name is not known, or if two known repositories are of different releases;
    RequestError if there is no such *releasever*.
    """
    single = [item for item in recipe.repositories if item.known and item.name in SINGLE]
    named = [
        (item, *_known(item)) for item in recipe.repositories if item.known and item not in single
    ]
    for repository, family, release in named[1:]:
        if (family, release) != named[0][1:]:
            raise RecipeError(
                f"{repository.name} and {named[0][0].name} cannot make one image",
                where=repository.where,
                hint="keep one of the two repositories",
            )
    if named:
        _, family, release = named[0]
        return (family, _release((family,), releasever)[1]) if releasever else (family, release)
    for item in recipe.repositories:
        if suite := split(item.url)[1]:
            return _of_suite(suite, releasever, item.where)
    told = [one for one in map(_told, recipe.repositories) if one]
    told += [one for one in map(by_address, addresses) if one]
    if told:
        family = told[0].family
        release = next((one.release for one in told if one.family == family and one.release), "")
        return family, releasever or release
    owners = {owner for item in single for owner in SINGLE[item.name]}
    if len(owners) == 1:
        return RPM_KNOWN[next(iter(owners))], releasever
    if addresses or len(single) < len(recipe.repositories):
        return RPM_KNOWN.get(distribution, RPM[0]), releasever
    raise RecipeError(
        "no repository says which distribution this is", where=_medium(recipe), hint=EXAMPLE
    )


def known_names() -> dict[str, tuple[Family, str]]:
    """The repositories that need no URL, by every name that people use for their release, with the
    family and the release that each makes."""
    return {
        f"{family.name}-{word}": (family, release.codename)
        for family in KNOWN.values()
        for release in family.releases
        for word in release.words
    }


def near_names(word: str) -> list[str]:
    """The known repositories that are called most like *word*; all, if none is."""
    usual = sorted(f"{family.name}-{release}" for family, release in known_names().values())
    return difflib.get_close_matches(word, known_names(), n=2) or list(dict.fromkeys(usual))


def _told(repository: Repository) -> Told | None:
    """What the address of a repository says of its distribution. Raises SourceError."""
    try:
        return by_address(repository.address)
    except SourceError as error:
        raise SourceError(error.problem, hint=error.hint, where=repository.where) from error


def _medium(recipe: Recipe) -> Where | None:
    """The line that speaks of an installation medium, if one does (`cdrom`)."""
    return next((note.where for note in recipe.notes if note.command in MEDIA), None)


def _known(repository: Repository) -> tuple[Family, str]:
    """Look a known repository up by its name."""
    names = known_names()
    if repository.name not in names:
        raise RecipeError(
            f"no repository is known as '{repository.name}', and the line has no URL",
            where=repository.where,
            hint=" or ".join(f"repo --name={name}" for name in near_names(repository.name)),
        )
    return names[repository.name]


def _of_suite(suite: str, releasever: str, where: Where) -> tuple[AptFamily, str]:
    for family in APT:
        if release := family.release_of_suite(suite):
            return family, release
    if item := by_suite(suite):
        raise RecipeError(f"{item.title} is not made here: {item.why}", where=where, hint=item.hint)
    return _release(APT, releasever) if releasever else (APT[0], suite)


def _release(families: Sequence[Kind], releasever: str) -> tuple[Kind, str]:
    """Turn what people type for a release into its family and its codename."""
    names = {
        word: (family, release.codename)
        for family in reversed(families)
        for release in family.releases
        for word in release.words
    }
    if releasever not in names:
        near = difflib.get_close_matches(releasever, names, n=1) or sorted(names)
        who = f"{families[0].name} has" if len(families) == 1 else "there is"
        raise RequestError(
            f"{who} no release '{releasever}' that is known here",
            hint=" or ".join(f"--releasever={name}" for name in near),
        )
    return names[releasever]
