"""The archives of a build: known ones wherever they are near, and those with an address."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_addresses import SCHEMES, explicit
from appliance.backends.families.apt_refusals import refuse_unchecked, refuse_unsupported
from appliance.backends.families.apt_release import AptArchive
from appliance.backends.families.apt_sources import AptSource, HostSource
from appliance.backends.families.question import Question
from appliance.errors import RecipeError, RequestError, SourceError


def sources(
    family: AptFamily,
    question: Question,
    release: str,
    *,
    host_sources: Sequence[HostSource],
    keyring: str,
) -> tuple[AptSource, ...]:
    """Say where the packages come from, in the order of the recipe.

    Known repositories are taken from the mirror of the question's options (an archive's root), else
    from where this host takes the same release, else from where it takes another release of the
    *family*. All are checked with *keyring*, unless a URL names its own.

    Raises RecipeError for what apt cannot do, URLs that are not apt's or names used twice,
    RequestError for an impossible mirror or a repository that is not to be checked, SourceError if
    nothing says where a known repository is.
    """
    refuse_unsupported(question.recipe)
    refuse_unchecked(question.options)
    archives = family.machine(question.architecture).archives
    mirror = question.options.mirror
    places = mirrored(archives, mirror) if mirror else near(family, archives, release, host_sources)
    found: list[AptSource] = []
    for repository in question.recipe.repositories:
        if repository.known and not places:
            raise SourceError(
                f"nothing says where {repository.name} is: "
                f"this host is not updated from {family.title}",
                where=repository.where,
                hint=f"--mirror URL, for example --mirror {archives[0].url}",
            )
        fresh = (
            tuple(
                AptSource(
                    archive.name, place, archive.suite_of(release), family.components, keyring,
                    known=True,
                )
                for archive, place in zip(archives, places, strict=True)
            )
            if repository.known
            else (explicit(repository, keyring),)
        )  # fmt: skip
        clash = {source.name for source in found} & {source.name for source in fresh}
        if clash:
            raise RecipeError(
                f"two repositories are called '{min(clash)}'",
                where=repository.where,
                hint="give each repo line a --name of its own",
            )
        found += fresh
    return tuple(found)


def mirrored(archives: Sequence[AptArchive], mirror: str) -> tuple[str, ...]:
    """Where a *mirror*, an archive's root, has each of the *archives*. Raises RequestError for what
    cannot be one."""
    parts = urlsplit(mirror)
    good = parts.scheme in SCHEMES and parts.path.strip("/") and "/dists" not in parts.path
    if not good or parts.query or parts.fragment:
        raise RequestError(
            f"--mirror {mirror}: not the root of an archive",
            hint=f"the address without /dists, for example --mirror {archives[0].url}",
        )
    return tuple(f"{mirror.rstrip('/')}{archive.beside}" for archive in archives)


def near(
    family: AptFamily,
    archives: Sequence[AptArchive],
    release: str,
    host_sources: Sequence[HostSource],
) -> tuple[str, ...]:
    """Where this host takes each of the *archives* from, of *release* or of another release of the
    *family*; what it does not have is beside the first. Nothing if it does not have that."""
    wanted = (release, *(known.codename for known in reversed(family.releases)))
    at = {source.suite: source.uri for source in reversed(host_sources)}

    def place(archive: AptArchive) -> str:
        suites = [archive.suite_of(codename) for codename in wanted]
        return next((at[suite] for suite in suites if suite in at), "")

    root = place(archives[0])
    if not root:
        return ()
    return (root, *(place(archive) or f"{root}{archive.beside}" for archive in archives[1:]))
