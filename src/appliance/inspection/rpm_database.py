"""The packages that rpm installed, by the headers in its database (rpm's docs/manual/tags.md)."""

from collections.abc import Iterator, Mapping
from functools import partial

from appliance.backends.package_managers import rpm_header as file_header
from appliance.inspection import rpm_reasons, rpm_verify
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.installed import MOST_PACKAGES, Installed
from appliance.inspection.rpm_blobs import UnreadError, blobs
from appliance.inspection.rpm_header import BadHeaderError, Header, header
from appliance.inspection.rpm_verify import RpmFile

NAME, VERSION, RELEASE, EPOCH, ARCHITECTURE = 1000, 1001, 1002, 1003, 1022
SUMMARY, SIZE, LONG_SIZE, VENDOR, LICENCE, SOURCE = 1004, 1009, 5009, 1011, 1014, 1044
PROVIDES, REQUIRES = 1047, 1049
DIRECTORY_NUMBERS, BASENAMES, DIRECTORIES = 1116, 1117, 1118
KEY = "gpg-pubkey"  # keys that rpm trusts are kept as packages


def packages(image: Catalogue) -> tuple[list[Installed], str]:
    """Each package that rpm has installed, and why some may be missing."""
    found: list[Installed] = []
    reasons = rpm_reasons.reasons(image)
    problem = ""
    try:
        for blob in blobs(image):
            try:
                package = _package(image, header(blob), reasons)
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


def _package(image: Catalogue, said: Header, reasons: Mapping[str, str]) -> Installed:
    name, architecture, epoch = said.text(NAME), said.text(ARCHITECTURE), said.number(EPOCH)
    version = f"{said.text(VERSION)}-{said.text(RELEASE)}"
    source, source_version = file_header.source_of(said.text(SOURCE), epoch)
    files = rpm_verify.files_of(said, list(_paths(said)))
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
    return file_header.rooted(file.path)


def _requires(said: Header) -> Iterator[tuple[str, ...]]:
    for need in dict.fromkeys(said.texts(REQUIRES)):
        if not need.startswith(file_header.RPMS_OWN):
            yield from file_header.choices_of(need)


def _paths(said: Header) -> Iterator[str]:
    directories = list(said.texts(DIRECTORIES))
    pairs = zip(said.numbers(DIRECTORY_NUMBERS), said.texts(BASENAMES), strict=False)
    for number, name in pairs:
        if number >= len(directories):
            raise BadHeaderError("a file of it is in no directory")
        yield directories[number] + name
