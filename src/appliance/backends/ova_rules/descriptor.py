"""Rules for the description in an OVA: its form, its files and disks, its product and networks."""

import re
from collections.abc import Iterator

from lxml import etree

from appliance.backends.launchers.ovf import STREAM
from appliance.backends.ova_rules.model import (
    ERROR,
    NAMESPACES,
    OVF,
    VMW,
    WARNING,
    OpenedOva,
    Rule,
    attribute,
)

NUMBER = re.compile(r"[0-9]{1,20}")
PROPERTY = re.compile(r"\$\{[^{}]+\}")  # a size that is asked for (9.1)
FACTORS = {"": 1, "byte": 1, **{f"byte * 2^{power}": 1 << power for power in (10, 20, 30, 40)}}
REQUIRED = {"References", "DiskSection", "NetworkSection", "VirtualSystem",
            "VirtualSystemCollection", "OperatingSystemSection", "VirtualHardwareSection",
            "Info", "Name"}  # fmt: skip
OPTIONAL_HERE = {"ProductSection", "AnnotationSection", "EulaSection", "ResourceAllocationSection",
                 "InstallSection", "Strings", "DeploymentOptionSection"}  # fmt: skip


def _xml(ova: OpenedOva) -> Iterator[str]:
    if ova.xml_trouble and "begins with" not in ova.xml_trouble:
        yield ova.xml_trouble


def _envelope(ova: OpenedOva) -> Iterator[str]:
    if "begins with" in ova.xml_trouble:
        yield ova.xml_trouble


def _second_edition(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//*"):
        name = etree.QName(each)
        if name.localname in ("StorageItem", "EthernetPortItem") or (
            name.namespace or ""
        ).startswith("http://schemas.dmtf.org/ovf/envelope/2"):
            yield f"line {each.sourceline}: {name.localname}"
            return


def _sections(ova: OpenedOva) -> Iterator[str]:
    """Yield each section that importers need not know and that does not say required="false":
    without it, they have to refuse the whole."""
    for each in ova.every("/ovf:Envelope/*|//ovf:VirtualSystem/*"):
        name = etree.QName(each)
        known = name.namespace == OVF and name.localname in REQUIRED | OPTIONAL_HERE
        if not known and attribute(each, "required") not in ("false", "0"):
            yield name.localname


def _systems(ova: OpenedOva) -> Iterator[str]:
    found = ova.every("//ovf:VirtualSystem")
    if ova.envelope is not None and len(found) != 1:
        yield f"it has {len(found)}"


def _files(ova: OpenedOva) -> list[etree._Element]:
    return ova.every("//ovf:References/ovf:File")


def _missing(ova: OpenedOva) -> Iterator[str]:
    names = {each.name for each in ova.members}
    for each in _files(ova):
        if attribute(each, "href") not in names:
            yield attribute(each, "href") or "a File without ovf:href"


def _sizes(ova: OpenedOva) -> Iterator[str]:
    real = {each.name: each.size for each in ova.members}
    for each in _files(ova):
        name, said = attribute(each, "href"), attribute(each, "size")
        if name in real and said and said != str(real[name]):  # it may be left out
            yield f"{name} has {real[name]} bytes, not {said}"


def _compression(ova: OpenedOva) -> Iterator[str]:
    for each in _files(ova):
        for word in ("compression", "chunkSize"):
            if attribute(each, word) not in ("", "identity"):
                yield f"{attribute(each, 'href')}: ovf:{word}"


def _disk_files(ova: OpenedOva) -> Iterator[str]:
    known = {attribute(each, "id") for each in _files(ova)}
    for each in ova.every("//ovf:Disk"):
        said = attribute(each, "fileRef")
        if said and said not in known:
            yield f"{attribute(each, 'diskId')} names {said}"


def _formats(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//ovf:Disk"):
        if attribute(each, "fileRef") and attribute(each, "format") != STREAM:  # not an empty one
            yield f"{attribute(each, 'diskId')}: {attribute(each, 'format') or 'nothing'}"


def _capacities(ova: OpenedOva) -> Iterator[str]:
    names = {attribute(each, "id"): attribute(each, "href") for each in _files(ova)}
    for each in ova.every("//ovf:Disk"):
        name = names.get(attribute(each, "fileRef"), "")
        disk = ova.disks.get(name)
        said, unit = attribute(each, "capacity"), attribute(each, "capacityAllocationUnits")
        if PROPERTY.fullmatch(said):
            continue
        if not NUMBER.fullmatch(said) or " ".join(unit.split()) not in FACTORS:
            yield f"{attribute(each, 'diskId')}: {said[:40]} {unit[:40]}"
        elif (
            disk and disk.capacity and int(said) * FACTORS[" ".join(unit.split())] != disk.capacity
        ):
            yield f"{name} has {disk.capacity} bytes, not {said} {unit}".rstrip()


def _networks(ova: OpenedOva) -> Iterator[str]:
    known = {attribute(each, "name") for each in ova.every("//ovf:Network")}
    for each in ova.every("//rasd:Connection"):
        if (each.text or "").strip() not in known:
            yield (each.text or "").strip() or "a network without a name"


def _extra(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//vmw:ExtraConfig"):
        if attribute(each, "required") not in ("false", "0"):
            yield attribute(each, "key", VMW)


def _config(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//vmw:Config"):
        if attribute(each, "required") not in ("false", "0"):
            yield attribute(each, "key", VMW)


def _configurable(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//ovf:Property"):
        if attribute(each, "userConfigurable") not in ("true", "1"):
            yield attribute(each, "key")


def _demanded(ova: OpenedOva) -> Iterator[str]:
    for each in ova.every("//ovf:Property"):
        least = "MinLen(" in attribute(each, "qualifiers").replace(" ", "")
        values = each.findall("ovf:Value", NAMESPACES)
        if least and not attribute(each, "value") and not values:
            yield attribute(each, "key")


def _transport(ova: OpenedOva) -> Iterator[str]:
    asked = ova.every("//ovf:Property")
    ways = [attribute(each, "transport") for each in ova.every("//ovf:VirtualHardwareSection")]
    if asked and not any(way.strip() for way in ways):
        yield f"{len(asked)} properties"


SPEC = "DSP0243 1.1"
RULES = (
    Rule("xml", ERROR, "the description is XML without entities", f"{SPEC}, 6", _xml),
    Rule("envelope", ERROR, f"the description is an Envelope of {OVF}", f"{SPEC}, 7", _envelope),
    Rule("ovf-2", ERROR, "no elements of OVF 2.0, which Workstation refuses",
         "BlackArch/blackarch#1937", _second_edition),
    Rule("sections", ERROR, "sections that importers need not know have ovf:required=\"false\"",
         "xcp-ng/xenadmin#202", _sections),
    Rule("one-system", WARNING, "there is one machine: many importers take only that",
         f"{SPEC}, 7.2", _systems),
    Rule("file-missing", ERROR, "the files of References are in the archive",
         f"{SPEC}, 7.1", _missing),
    Rule("file-size", ERROR, "ovf:size is the file's size, not the disk's",
         "coreos/fedora-coreos-tracker#391", _sizes),
    Rule("file-packed", ERROR, "files are neither compressed nor in pieces",
         "EMCECS/ECS-CommunityEdition#329", _compression),
    Rule("disk-file", ERROR, "a disk's ovf:fileRef is in References", f"{SPEC}, 9.1", _disk_files),
    Rule("disk-format", ERROR, f"a disk's ovf:format is {STREAM}", "ilbers/isar#106", _formats),
    Rule("capacity", ERROR, "ovf:capacity is what the disk has, in bytes or a unit of bytes",
         f"{SPEC}, 9.1", _capacities),
    Rule("network", ERROR, "each network card's network is in NetworkSection",
         f"{SPEC}, 9.2", _networks),
    Rule("extra-config", ERROR, "vmw:ExtraConfig is not required: ESXi knows few keys",
         "GNS3/gns3-vm#40", _extra),
    Rule("config", WARNING, "vmw:Config is not required: older hosts know fewer keys",
         "sexibytes/sexigraf#240", _config),
    Rule("property-fixed", WARNING, "each property may be answered (ovf:userConfigurable)",
         f"{SPEC}, 9.5.1", _configurable),
    Rule("property-required", WARNING, "no property without a default has to be answered",
         "coreos/fedora-coreos-tracker#391", _demanded),
    Rule("transport", WARNING, "with properties, ovf:transport says how the guest gets them",
         f"{SPEC}, 11.2", _transport),
)  # fmt: skip
