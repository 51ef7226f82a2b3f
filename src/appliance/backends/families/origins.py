"""Check whose archives the sources of a build really are, by the Origin in their Release files.

An archive of a third party (a vendor's own packages) is fine beside those of the family. An archive
of another distribution is refused, and so is a third party's if nothing else says what the family
is.
"""

from collections.abc import Sequence

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_sources import AptSource, origin_of
from appliance.backends.families.known import APT
from appliance.backends.families.unsupported import by_origin
from appliance.errors import SourceError


def refuse_others(
    family: AptFamily, release: str, sources: Sequence[AptSource], releases: Sequence[str]
) -> None:
    """Raise SourceError for the first of *sources* that cannot be of *family*. Its *release* is a
    codename if somebody said it, else a suite that nobody knows, and the family a guess.
    *releases* are the texts of their Release files, in the same order.
    """
    origins = [origin_of(text) for text in releases]
    for source, origin in zip(sources, origins, strict=True):
        _refuse_another(family, source, origin)
    told = any(release == known.codename for known in family.releases)
    if not told and not set(origins) & set(family.origins):
        says = f"it says that it is '{origins[0]}'" if origins[0] else "it does not say whose it is"
        raise SourceError(
            f"nothing says which distribution {_name(sources[0])} is made for: {says}",
            hint="--releasever with the release that it is like: "
            + ", ".join(known.codename for each in APT for known in each.releases),
        )


def _refuse_another(family: AptFamily, source: AptSource, origin: str) -> None:
    if origin in family.origins:
        return
    if item := by_origin(origin):
        raise SourceError(
            f"{_name(source)} is {item.title}'s, which is not made here: {item.why}",
            hint=item.hint,
        )
    if source.known:
        raise SourceError(
            f"{_name(source)} is not {family.title}'s: it says that it is '{origin}'",
            hint="--mirror URL",
        )
    other = next((each for each in APT if origin in each.origins), None)
    if other:
        names = " or ".join(f"--releasever {known.codename}" for known in other.releases)
        raise SourceError(
            f"{_name(source)} is {other.title}'s, by its Origin; "
            f"this image would be one of {family.title}",
            hint=f"{names}, and no repository of {family.title}",
        )


def _name(source: AptSource) -> str:
    return f"{source.url} {source.suite}"
