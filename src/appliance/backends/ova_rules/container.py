"""Rules for the tar archive that an OVA is (OVF 1.1, DSP0243, 5.3)."""

import itertools
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from appliance.backends.ova_rules.model import ERROR, WARNING, OpenedOva, OvaMember, Rule, attribute

USTAR, GNU = b"ustar\0" + b"00", b"ustar  \0"
EXTENSIONS = {"x": "pax", "g": "pax", "L": "GNU long name", "K": "GNU long link", "S": "GNU sparse"}
KINDS = {"1": "a link", "2": "a symbolic link", "3": "a device", "4": "a device",
         "5": "a directory", "6": "a pipe"}  # fmt: skip
LAST_OCTAL = 8 << 30  # bytes: what eleven octal digits can say
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def _packed(ova: OpenedOva) -> Iterator[str]:
    if ova.packed:
        yield f"it is packed with {ova.packed}"


def _broken(ova: OpenedOva) -> Iterator[str]:
    if ova.trouble:
        yield ova.trouble


def _first(ova: OpenedOva) -> Iterator[str]:
    files = [each for each in ova.members if each.kind not in EXTENSIONS]
    if files and not files[0].name.lower().endswith(".ovf"):
        yield f"the first member is {files[0].name}"


def _one_ovf(ova: OpenedOva) -> Iterator[str]:
    found = [each.name for each in ova.named(".ovf") if each.is_file]
    if len(found) != 1 and not ova.packed:
        yield f"it has {len(found)}: {', '.join(found[:5])}" if found else "it has none"


def _order(ova: OpenedOva) -> Iterator[str]:
    """Yield each member that is out of order: first comes the description, then the files as
    References lists them; manifest and certificate, in this order, come between or last."""
    place = {each.name: number for number, each in reversed(list(enumerate(ova.members)))}
    ovf = [each.name for each in ova.named(".ovf")[:1]]
    signed = [each.name for suffix in (".mf", ".cert") for each in ova.named(suffix)[:1]]
    listed = [attribute(each, "href") for each in ova.every("//ovf:References/ovf:File")]
    files = [name for name in listed if name in place]
    late = bool(files and signed) and place[signed[0]] > place[files[-1]]
    wanted = [*ovf, *files, *signed] if late else [*ovf, *signed, *files]
    for before, after in itertools.pairwise(wanted):
        if place[before] > place[after]:
            yield f"{after} comes before {before}"


def _dotted(ova: OpenedOva) -> Iterator[str]:
    for each in ova.members:
        if each.name.startswith("./"):
            yield each.name


def _paths(ova: OpenedOva) -> Iterator[str]:
    for each in ova.members:
        parts = PurePosixPath(each.name.removeprefix("./")).parts
        if len(parts) != 1 or ".." in parts or "\\" in each.name:
            yield each.name or "a member without a name"


def _regular(ova: OpenedOva) -> Iterator[str]:
    for each in ova.members:
        if not each.is_file and each.kind not in EXTENSIONS:
            yield f"{each.name} is {KINDS.get(each.kind, 'no regular file')}"


def _extensions(ova: OpenedOva) -> Iterator[str]:
    for each in ova.members:
        if each.kind in EXTENSIONS:
            yield f"{each.name}: a {EXTENSIONS[each.kind]} header"


def _format(ova: OpenedOva) -> Iterator[str]:
    odd = [each for each in ova.members if each.magic != USTAR]
    if odd:
        said = "GNU" if odd[0].magic == GNU else "no known"
        yield f"{odd[0].name} has a header of {said} format"
    for each in ova.members:
        if each.size >= LAST_OCTAL:
            yield f"{each.name} has {each.size} bytes, more than ustar can say"


def _twice(ova: OpenedOva) -> Iterator[str]:
    seen: set[str] = set()
    for each in ova.members:
        if each.name in seen:
            yield each.name
        seen.add(each.name)


def _names(ova: OpenedOva) -> Iterator[str]:
    for each in ova.members:
        if "/" not in each.name and not PLAIN.fullmatch(each.name):
            yield f"'{each.name}'"


def _strangers(ova: OpenedOva) -> Iterator[str]:
    listed = {attribute(each, "href") for each in ova.every("//ovf:File")}
    for each in ova.members:
        if each.is_file and not _own(each) and each.name not in listed and ova.envelope is not None:
            yield each.name


def _own(member: OvaMember) -> bool:
    return PurePosixPath(member.name).suffix.lower() in (".ovf", ".mf", ".cert")


CONTAINER = "DSP0243 1.1, 5.3"
RULES = (
    Rule("packed", ERROR, "an OVA is a tar archive that nothing has compressed",
         "EMCECS/ECS-CommunityEdition#329", _packed),
    Rule("tar", ERROR, "an OVA is a whole tar archive", CONTAINER, _broken),
    Rule("ovf-first", ERROR, "the description is the first file: importers look nowhere else",
         "coreos/fedora-coreos-tracker#391", _first),
    Rule("one-ovf", ERROR, "there is exactly one description (.ovf)", CONTAINER, _one_ovf),
    Rule("order", WARNING,
         "description, manifest, certificate, then the disks as References lists them; manifest "
         "and certificate may be the last", CONTAINER, _order),
    Rule("dot-prefix", ERROR, "no name begins with ./", "osbuild/image-builder#431", _dotted),
    Rule("paths", ERROR, "all files are at the top, with relative names", CONTAINER, _paths),
    Rule("links", ERROR, "there are files only: no links, directories or devices",
         CONTAINER, _regular),
    Rule("headers", ERROR, "headers are ustar's own, without extensions", CONTAINER, _extensions),
    Rule("ustar", WARNING, "the archive's format is ustar", CONTAINER, _format),
    Rule("twice", ERROR, "no file is there twice", CONTAINER, _twice),
    Rule("names", WARNING, "names have letters, digits and . _ + - only: no spaces",
         "DSP0243 1.1, 7.1", _names),
    Rule("unreferenced", WARNING, "each file is in References", "DSP0243 1.1, 7.1", _strangers),
)  # fmt: skip
