"""Which distribution the packages of a build are of, where nobody says it: told by addresses, and
by the package that every distribution has for /etc/os-release.

Facts: os-release(5); the addresses of the distributions' own mirrors, which others keep.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.backends.families.known import RPM, RPM_KNOWN
from appliance.backends.families.rpm import RpmFamily
from appliance.errors import SourceError
from appliance.recipe.model import Repository

PACKAGES = {
    "fedora-release-common": "fedora",
    "fedora-release": "fedora",
    "centos-stream-release": "centos-stream",
    "centos-linux-release": "centos-stream",
    "centos-release": "centos-stream",
    "redhat-release": "rhel",
    "redhat-release-server": "rhel",
    "almalinux-release": "almalinux",
    "rocky-release": "rocky",
    "oraclelinux-release": "oracle",
}  # the family of each, by its name; its version begins with that of the release
OTHERS = {
    "amazon-linux-release": "Amazon Linux",
    "system-release": "Amazon Linux",
    "openEuler-release": "openEuler",
    "openSUSE-release": "openSUSE",
    "mageia-release-common": "Mageia",
}  # distributions that are not made here
AMAZON = re.compile(r"amazonlinux|al20\d\d")  # in addresses
ADDED = "epel"  # packages for several families, on the servers of one
HOST = 2  # where it stands in an address that is split at its slashes
NUMBER = re.compile(r"(?:[a-zA-Z]+-?)?(\d{1,4})(?:[.-].*)?")  # 9, 9.5, 9-stream, OL9, el8, f43


@dataclass(frozen=True)
class Told:
    """The family of a build, and the number of its release."""

    family: RpmFamily
    release: str


def by_packages(packages: Iterable[tuple[str, str]]) -> Told | None:
    """Say whose distribution the chosen *packages* (name, version) are of; None if none says it.

    Raises SourceError for one that is not made here.
    """
    for name, version in packages:
        number = re.match(r"(?:\d+:)?(\d+)", version)
        if name in OTHERS:
            raise not_made(OTHERS[name], f"the package {name}")
        if name in PACKAGES and number:
            return Told(RPM_KNOWN[PACKAGES[name]], number[1])
    return None


def by_address(address: str) -> Told | None:
    """Say whose distribution a repository's *address* names, with its release if that stands
    behind; None if it names none. Hosts are named before directories: the first name counts.

    Raises SourceError for one that is not made here.
    """
    parts = re.split(r"[/?&=]", address)
    first = HOST + 1 if ADDED in address.lower() else 0
    for at, part in enumerate(parts[first:], start=first):
        words = re.findall(r"[a-z]+", part.lower())
        if ADDED in words:
            return None
        if AMAZON.search(part):
            raise not_made("Amazon Linux", address)
        family = next((each for word in words for each in RPM if word in each.words), None)
        if family:
            numbers = (NUMBER.fullmatch(one) for one in parts[at + 1 :])
            return Told(family, next((found[1] for found in numbers if found), ""))
    return None


def remarks(family: str, release: str, repositories: Iterable[Repository]) -> tuple[str, ...]:
    """Say what nobody can promise of an image of this *family* and *release*: that the release is
    not tested here, or that no address of its *repositories* says whose they are."""
    rpm = RPM_KNOWN.get(family)
    if rpm is None:
        return ()
    found = [rpm.untested(release)]
    said = list(repositories)
    if said and not any(one.known or by_address(one.address) for one in said):
        found.append(
            f"no address says whose packages these are: taken for those of {rpm.title} unless they "
            "say otherwise"
        )
    return tuple(text for text in found if text)


def not_made(title: str, by: str) -> SourceError:
    """The refusal of a distribution that is known and not made here."""
    return SourceError(
        f"{title} is not made here, and these packages are its own, by {by}",
        hint="repositories of " + ", ".join(family.title for family in RPM),
    )
