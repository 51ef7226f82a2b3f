"""Rules for the manifest and its certificate (DSP0243 1.1, 5.1), whose spelling importers insist
on."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from appliance.backends.ova_rules.model import ERROR, WARNING, OpenedOva, Rule
from appliance.backends.ova_rules.reading import ALGORITHMS, LINE

BEST = "SHA256"


def _text_lines(ova: OpenedOva) -> list[str]:
    """The lines of the manifest without their newlines; a carriage return stays."""
    return (ova.manifest or "").removesuffix("\n").split("\n") if ova.manifest else []


def _lines(ova: OpenedOva) -> Iterator["re.Match[str]"]:
    for line in _text_lines(ova):
        found = LINE.fullmatch(line)
        if found:
            yield found


def _absent(ova: OpenedOva) -> Iterator[str]:
    if ova.members and ova.manifest is None:
        yield "it has no .mf"


def _name(ova: OpenedOva) -> Iterator[str]:
    for suffix in (".mf", ".cert"):
        for each in ova.named(suffix):
            stems = {PurePosixPath(ovf.name).stem for ovf in ova.named(".ovf")}
            if PurePosixPath(each.name).stem not in stems:
                yield each.name


def _spelling(ova: OpenedOva) -> Iterator[str]:
    for number, line in enumerate(_text_lines(ova), 1):
        if not LINE.fullmatch(line):
            yield f"line {number}: {line[:80]!r}"


def _algorithm(ova: OpenedOva) -> Iterator[str]:
    for said in sorted({found[1] for found in _lines(ova)} - {BEST}):
        if said not in ALGORITHMS or said == "SHA1":
            yield said


def _longer(ova: OpenedOva) -> Iterator[str]:
    if any(found[1] == "SHA512" for found in _lines(ova)):
        yield "SHA512"


def _incomplete(ova: OpenedOva) -> Iterator[str]:
    listed = {found[2] for found in _lines(ova)}
    for each in ova.members if ova.manifest is not None else ():
        suffix = PurePosixPath(each.name).suffix.lower()
        if each.is_file and suffix not in (".mf", ".cert") and each.name not in listed:
            yield each.name


def _strangers(ova: OpenedOva) -> Iterator[str]:
    names = {each.name for each in ova.members}
    for found in _lines(ova):
        if found[2] not in names:
            yield found[2]


def _wrong(ova: OpenedOva) -> Iterator[str]:
    for found in _lines(ova):
        real = ova.sums.get((found[2], found[1]))
        if real is not None and real != found[3].lower():
            yield f"{found[2]} has {real}"


def _certificate(ova: OpenedOva) -> Iterator[str]:
    if ova.certificate is None:
        return
    first, _, rest = ova.certificate.partition("\n")
    found = LINE.fullmatch(first)
    manifests = {each.name for each in ova.named(".mf")}
    if not found or found[1] not in ALGORITHMS:
        yield f"its first line is {first[:60]!r}"
    elif found[2] not in manifests:
        yield f"it signs {found[2]}"
    elif "-----BEGIN CERTIFICATE-----" not in rest:
        yield "it has no certificate"


MANIFEST = "DSP0243 1.1, 5.1"
RULES = (
    Rule("manifest", WARNING, "a manifest (.mf) says what the files shall be", MANIFEST, _absent),
    Rule("manifest-name", ERROR, "manifest and certificate are called like the description",
         MANIFEST, _name),
    Rule("manifest-spelling", ERROR, "each line is exactly `SHA256(name)= digits`; none is empty",
         "home-assistant/operating-system#826", _spelling),
    Rule("manifest-algorithm", WARNING, f"the algorithm is {BEST}: some vCenters refuse SHA1",
         "OpenCTI-Platform/opencti#1642", _algorithm),
    Rule("manifest-sha512", WARNING, f"the algorithm is {BEST}: virt-v2v does not check SHA512",
         "virt-v2v(1), input/OVA.ml", _longer),
    Rule("manifest-missing", ERROR, "the manifest has a line for each file",
         MANIFEST, _incomplete),
    Rule("manifest-stranger", ERROR, "the manifest speaks of files that are there",
         MANIFEST, _strangers),
    Rule("manifest-sum", ERROR, "the files are what the manifest says", MANIFEST, _wrong),
    Rule("certificate", ERROR, "a certificate signs the manifest in one line, then comes its PEM",
         "DSP0243 1.1, 5.1", _certificate),
)  # fmt: skip
