"""What the packages' own changelogs in an image say is new: those that Debian's packages bring as
files (deb-changelog(5)), and those in rpm's database."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.backends.package_managers.version_order import DEB, older
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.comparison.model import NEWER, News, PackageChange
from appliance.inspection.content_facts import InstalledPackage
from appliance.inspection.package_databases.rpm_database import changelogs
from appliance.intake.trees.limits import DamagedError
from appliance.units import KIB, MIB

DOCUMENTATION = "/usr/share/doc"
# Where a package has it: debhelper's names, and that of a package of Debian's alone.
NAMES = ("changelog.Debian.gz", "changelog.gz", "changelog.Debian", "changelog")
LONGEST = 16 * MIB  # bytes of a changelog, unpacked
MOST = 200  # entries of one package that are told
LONGEST_ENTRY = 64 * KIB
HEAD = re.compile(r"(\S+) \(([^()\s]+)\)[^;]*;")  # PACKAGE (VERSION) DISTRIBUTION; urgency=…
GZIP = 16 + zlib.MAX_WBITS
NO_FILE = "its changelog is not in the image"
CUT = "its changelog in the image is shorter than the way from there"
REBUILT = "built again of the same source"
NO_HEADER = "rpm's database has no changelog of it"


@dataclass(frozen=True)
class Entry:
    """An entry of a changelog: the *version* that it is of, and its *text*."""

    version: str
    text: str


@dataclass(frozen=True)
class Step:
    """The packages of one source that became newer, from version *left* to *right* of it."""

    source: str
    left: str
    right: str
    packages: tuple[str, ...]


def news(
    changes: Sequence[PackageChange],
    packages: tuple[Sequence[InstalledPackage], Sequence[InstalledPackage]],
    images: tuple[Catalogue, Catalogue],
) -> tuple[News, ...]:
    """What is new in the packages that became newer, by source package; *packages* and *images*
    are those of the first and of the second."""
    names = {change.name for change in changes if change.change == NEWER}
    managers = {each.manager for each in packages[1] if each.name in names}
    found = [
        item
        for manager in sorted(managers)
        for item in WAYS.get(manager, _rpm)(
            _steps([each for each in packages[0] if each.name in names],
                   [each for each in packages[1] if each.name in names and
                    each.manager == manager]), images)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda item: item.source))


def _steps(left: Sequence[InstalledPackage], right: Sequence[InstalledPackage]) -> tuple[Step, ...]:
    before = {(each.name, each.architecture): each for each in left}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for after in right:
        one = before.get((after.name, after.architecture))
        if one is not None:
            key = (after.source or after.name, _source_version(one), _source_version(after))
            groups.setdefault(key, []).append(after.name)
    return tuple(Step(*key, tuple(sorted(set(names)))) for key, names in groups.items())


def _source_version(package: InstalledPackage) -> str:
    return package.source_version or package.version


def _deb(steps: Sequence[Step], images: tuple[Catalogue, Catalogue]) -> Iterator[News]:
    for step in steps:
        entries, note = _between(step, _changelog(images[1], step))
        yield News(step.source, step.left, step.right, step.packages, entries, note)


def _between(step: Step, entries: Sequence[Entry]) -> tuple[tuple[str, ...], str]:
    """The entries that are newer than the first version and not newer than the second, and why
    some are missing."""
    if step.left == step.right:
        return (), REBUILT
    if not entries:
        return (), NO_FILE
    known = [entry for entry in entries if not older(step.right, entry.version, DEB)]
    new = [entry for entry in known if older(step.left, entry.version, DEB)]
    whole = any(not older(step.left, entry.version, DEB) for entry in entries)
    note = "" if whole else CUT
    return tuple(entry.text for entry in new[:MOST]), note if len(new) <= MOST else CUT


def _changelog(image: Catalogue, step: Step) -> tuple[Entry, ...]:
    """The changelog of the source package, as the first of its packages has it that has one."""
    for package in step.packages:
        for name in NAMES:
            entries = tuple(read(_text(image, f"{DOCUMENTATION}/{package}/{name}"), step.source))
            if entries:
                return entries
    return ()


def _text(image: Catalogue, path: str) -> str:
    entry = image.stat(path)
    if entry is None:
        return ""
    try:
        data = image.tree.read(entry.path, LONGEST)
        if data[:2] == b"\x1f\x8b":
            data = zlib.decompressobj(GZIP).decompress(data, LONGEST)
    except (DamagedError, zlib.error):
        return ""
    return data.decode("utf-8", "replace")


def read(text: str, source: str) -> Iterator[Entry]:
    """The entries of a changelog of the package *source*, the newest first; none of what is no such
    changelog. An entry ends with the line of who made it, which is left out."""
    version = ""
    lines: list[str] = []
    for line in text.split("\n"):
        head = HEAD.match(line)
        if head:
            if head[1] != source:
                return
            version, lines = head[2], []
        elif line.startswith(" -- ") and version:
            yield Entry(version, "\n".join(lines).strip("\n")[:LONGEST_ENTRY])
            version = ""
        elif version:
            lines.append(line.rstrip())


def _rpm(steps: Sequence[Step], images: tuple[Catalogue, Catalogue]) -> Iterator[News]:
    names = {step.packages[0] for step in steps}
    before, after = (changelogs(image, names) for image in images)
    for step in steps:
        name = step.packages[0]
        yield News(step.source, step.left, step.right, step.packages, *_new(name, before, after))


def _new(
    name: str, before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], str]:
    """The entries of the package *name* that only the second has, and why there are none."""
    known = set(before.get(name, ()))
    entries = [text for text in after.get(name, ()) if text not in known]
    note = "" if entries else NO_HEADER if not after.get(name) else REBUILT
    return tuple(text[:LONGEST_ENTRY] for text in entries[:MOST]), note


WAYS: dict[str, Callable[[Sequence[Step], tuple[Catalogue, Catalogue]], Iterator[News]]] = {
    DEB: _deb
}
