"""The packages that rpm installed, by the headers in its database (rpm's docs/manual/tags.md)."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import islice

from appliance.backends.package_managers.rpm_file import RPMS_OWN, choices_of, rooted, source_of
from appliance.backends.package_managers.rpm_header import (
    ARCHITECTURE,
    EPOCH,
    LICENCE,
    LONG_SIZE,
    NAME,
    PROVIDES,
    RELEASE,
    REQUIRES,
    SIZE,
    SOURCE,
    SUMMARY,
    VENDOR,
    VERSION,
    BadHeaderError,
    Header,
    parse_header,
)  # fmt: skip
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.installed import MOST_PACKAGES, Installed
from appliance.inspection.package_databases import rpm_reasons, rpm_verify
from appliance.inspection.package_databases.rpm_blobs import UnreadError, blobs
from appliance.inspection.package_databases.rpm_verify import RpmFile

CHANGE_NAMES, CHANGE_TEXTS = 1081, 1082
MOST_CHANGES = 300  # entries of a changelog that are read
KEY = "gpg-pubkey"  # keys that rpm trusts are kept as packages


def packages(image: Catalogue) -> tuple[list[Installed], str]:
    """Each package that rpm has installed, and why some may be missing."""
    found: list[Installed] = []
    reasons = rpm_reasons.reasons(image)
    problem = ""
    try:
        for blob in blobs(image):
            try:
                package = _package(image, parse_header(blob), reasons)
            except BadHeaderError as error:
                problem = f"a package in rpm's database is damaged: {error}"
                continue
            if package.facts.name != KEY:
                found.append(package)
            if len(found) > MOST_PACKAGES:
                break
    except UnreadError as error:
        problem = str(error)
    return found, problem


def changelogs(image: Catalogue, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The changelogs of the packages *names*, the newest entry first, each begun by who made it and
    of which version; none of what cannot be read."""
    found: dict[str, tuple[str, ...]] = {}
    try:
        for blob in blobs(image):
            try:
                said = parse_header(blob)
            except BadHeaderError:
                continue
            if said.text(NAME) in names:
                entries = zip(said.texts(CHANGE_NAMES), said.texts(CHANGE_TEXTS), strict=False)
                found[said.text(NAME)] = tuple(
                    f"{who}\n{text}" for who, text in islice(entries, MOST_CHANGES)
                )
    except UnreadError:  # what packages() has told of already
        pass
    return found


def _package(image: Catalogue, said: Header, reasons: Mapping[str, str]) -> Installed:
    name, architecture, epoch = said.text(NAME), said.text(ARCHITECTURE), said.number(EPOCH)
    version = f"{said.text(VERSION)}-{said.text(RELEASE)}"
    source, source_version = source_of(said.text(SOURCE), epoch)
    files = rpm_verify.files_of(said, list(said.paths()))
    there = tuple(each for each in files if each.installed)
    return Installed(
        facts=InstalledPackage(
            name=name,
            version=f"{epoch}:{version}" if epoch else version,
            architecture=architecture,
            manager="rpm",
            source=source,
            source_version=source_version,
            licence=said.text(LICENCE),
            origin=said.text(VENDOR),
            summary=said.text(SUMMARY),
            reason=reasons.get(f"{name}.{architecture}", ""),
            said_size=said.number(LONG_SIZE) or said.number(SIZE),
        ),
        paths=tuple(each.path for each in there),
        requires=tuple(_requires(said)),
        provides=tuple(dict.fromkeys((*said.texts(PROVIDES), *map(_asked, there)))),
        verify=partial(rpm_verify.changed, image, name, there),
    )


def _asked(file: RpmFile) -> str:
    return rooted(file.path)


def _requires(said: Header) -> Iterator[tuple[str, ...]]:
    for need in dict.fromkeys(said.texts(REQUIRES)):
        if not need.startswith(RPMS_OWN):
            yield from choices_of(need)
