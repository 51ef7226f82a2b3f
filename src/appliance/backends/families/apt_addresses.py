"""Addresses of apt archives: how a URL says one, and how a system is told of one."""

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from appliance.backends.families.apt_release import AptArchive
from appliance.backends.families.apt_sources import AptSource
from appliance.errors import RecipeError
from appliance.recipe.model import Recipe, Repository

COMPONENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")
LOOKS_LIKE = "an archive, /dists/ and a suite: http://HOST/debian/dists/trixie?components=main"
SCHEMES = ("http", "https", "file")


def split(url: str) -> tuple[str, str]:
    """Split a URL into the archive's root and the suite; both empty if it is not apt's."""
    parts = urlsplit(url)
    root, _, suite = parts.path.partition("/dists/")
    good = parts.scheme in SCHEMES and (parts.netloc or parts.scheme == "file")
    if not good or not suite.strip("/"):
        return "", ""
    return urlunsplit((parts.scheme, parts.netloc, root.rstrip("/"), "", "")), suite.strip("/")


def explicit(repository: Repository, keyring: str) -> AptSource:
    """Understand a URL such as http://host/debian/dists/trixie?components=main,contrib; what it
    does not say with signed-by= is checked with *keyring*. Raises RecipeError if it is not apt's.
    """
    root, suite = split(repository.url)
    if not suite:
        raise RecipeError(
            f"'{repository.url}' is not an address of apt packages",
            where=repository.where,
            hint=LOOKS_LIKE,
        )
    query = dict(parse_qsl(urlsplit(repository.url).query, keep_blank_values=True))
    unknown = sorted(set(query) - {"components", "signed-by"})
    components = tuple(query.get("components", "main").split(","))
    bad = [name for name in components if not COMPONENT.fullmatch(name)]
    keys = query.get("signed-by", keyring)
    problem = (
        (f"unknown word '{unknown[0]}' in the repository's address" if unknown else "")
        or (f"'{bad[0]}' cannot be a component's name" if bad else "")
        or ("" if keys.startswith("/") else f"signed-by={keys} is not an absolute path")
    )
    if problem:
        raise RecipeError(
            problem, where=repository.where, hint="…/dists/trixie?components=main,contrib"
        )
    return AptSource(repository.name, root, suite, components, keys)


def installed_sources(recipe: Recipe, keyring: str) -> tuple[AptSource, ...]:
    """Return the archives of the `repo --install` lines that a running system can reach."""
    return tuple(
        explicit(repository, keyring)
        for repository in recipe.repositories
        if repository.installed and repository.url.startswith(("http://", "https://"))
    )


def official_stanzas(
    archives: Sequence[AptArchive], release: str, components: Sequence[str], keyring: str
) -> str:
    """Write the sources(5) file of the running system: the family's own addresses, the suites of
    each root together."""
    suites: dict[str, list[str]] = {}
    for archive in archives:
        suites.setdefault(archive.url, []).append(archive.suite_of(release))
    return "\n".join(
        f"Types: deb\nURIs: {url}\nSuites: {' '.join(names)}\n"
        f"Components: {' '.join(components)}\nSigned-By: {keyring}\n"
        for url, names in suites.items()
    )
