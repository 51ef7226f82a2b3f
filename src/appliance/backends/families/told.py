"""Which distribution the packages of a build are of, where nobody says it: told by addresses, and
by the package that every distribution has for /etc/os-release.

Facts: os-release(5); the addresses of the distributions' own mirrors, which others keep.
"""

import configparser
import re
from collections.abc import Iterable
from dataclasses import dataclass

from appliance.backends.families.known import KNOWN, RPM, RPM_KNOWN
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.package_managers.model import Lock
from appliance.errors import SourceError
from appliance.recipe.model import Repository

PACKAGES = {
    "fedora-release-common": "fedora",
    "fedora-release": "fedora",
    "generic-release-common": "fedora",
    "generic-release": "fedora",
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
SYSTEMS = {
    "fedoraproject:fedora": "fedora",
    "centos:centos": "centos-stream",
    "redhat:enterprise_linux": "rhel",
    "almalinux:almalinux": "almalinux",
    "rocky:rocky": "rocky",
    "rockylinux:rocky": "rocky",
    "oracle:linux": "oracle",
}  # by vendor and product of a CPE name, as CPE_NAME of os-release(5) has it
TITLES = {
    "fedora": "fedora",
    "centos": "centos-stream",
    "red hat enterprise linux": "rhel",
    "almalinux": "almalinux",
    "rocky": "rocky",
    "oracle": "oracle",
}  # how the family in a .treeinfo begins, which lorax and productmd write
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


def of(lock: Lock) -> Told | None:
    """Whose distribution a *lock* was made of; None if that has no RPM packages."""
    return Told(RPM_KNOWN[lock.family], lock.release) if lock.family in RPM_KNOWN else None


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


def by_system(cpe: str) -> Told | None:
    """Say whose distribution the CPE name in a repository's metadata is of; None for no known one.

    Raises SourceError for one that is not made here.
    """
    parts = cpe.removeprefix("cpe:/o:").removeprefix("cpe:2.3:o:").split(":")
    if parts[0] == "amazon":
        raise not_made("Amazon Linux", cpe)
    family = SYSTEMS.get(":".join(parts[:2]))
    number = NUMBER.fullmatch(parts[2]) if len(parts) > 2 else None
    return Told(RPM_KNOWN[family], number[1] if number else "") if family else None


def by_tree(text: str) -> Told | None:
    """Say whose distribution a tree is of by its .treeinfo; None for no known one.

    Raises SourceError for one that is not made here.
    """
    tree = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        tree.read_string(text)
    except configparser.Error:
        return None
    for section, key in (("release", "name"), ("general", "family")):
        title = tree.get(section, key, fallback="")
        if title.startswith("Amazon Linux"):
            raise not_made("Amazon Linux", ".treeinfo")
        family = next((TITLES[one] for one in TITLES if title.lower().startswith(one)), None)
        if family:
            number = NUMBER.fullmatch(tree.get(section, "version", fallback=""))
            return Told(RPM_KNOWN[family], number[1] if number else "")
    return None


def spoken(releasever: str) -> tuple[str, str]:
    """Part what people say as FAMILY, FAMILY-RELEASE or RELEASE into both; the family is empty if
    nobody says it."""
    for name in sorted(KNOWN, key=len, reverse=True):
        if releasever == name or releasever.startswith(f"{name}-"):
            return name, releasever.removeprefix(name).removeprefix("-")
    return "", releasever


def unsaid(address: str) -> SourceError:
    """The refusal of packages of which nothing says whose they are."""
    return SourceError(
        "nothing says whose packages these are: no address, .treeinfo, repomd.xml or release "
        f"package ({address})",
        hint="--releasever fedora-44, or what they are",
    )


def remarks(
    family: str, release: str, repositories: Iterable[Repository], *, said_by: str = ""
) -> tuple[str, ...]:
    """Say what nobody can promise of an image of this *family* and *release*: that the release is
    not tested here, or that no address of its *repositories* says whose they are. *said_by* is the
    family that the command line names for this case."""
    rpm = RPM_KNOWN.get(family)
    if rpm is None:
        return ()
    found = [rpm.untested(release)]
    said = list(repositories)
    if said and not any(one.known or by_address(one.address) for one in said):
        taken = f"taken for those of {rpm.title} unless they say otherwise"
        asked = "a build asks them, and stops if they do not say it (--releasever fedora-44 does)"
        found.append(f"no address says whose packages these are: {taken if said_by else asked}")
    return tuple(text for text in found if text)


def not_made(title: str, by: str) -> SourceError:
    """The refusal of a distribution that is known and not made here."""
    return SourceError(
        f"{title} is not made here, and these packages are its own, by {by}",
        hint="repositories of " + ", ".join(family.title for family in RPM),
    )
