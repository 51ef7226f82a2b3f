"""Rules for the virtual hardware in an OVA: that hosts know it, and that its parts fit together."""

import re
from collections.abc import Iterator

from lxml import etree

from appliance.backends.launchers import vmware
from appliance.backends.launchers.ovf import IN_VIRTUALBOX, LACKS
from appliance.backends.ova_rules import systems
from appliance.backends.ova_rules.model import (
    ERROR,
    NAMESPACES,
    VMW,
    WARNING,
    OpenedOva,
    Rule,
    attribute,
)

FAMILY = re.compile(r"vmx-(\d{2,3})")
OLDEST = 11  # ESXi 6.0
EFI_NEEDS = 13
CPU, MEMORY, IDE, SCSI, NETWORK, CD, DISK, OTHER = 3, 4, 5, 6, 10, 15, 17, 20
CONTROLLERS = (IDE, SCSI, OTHER)
# In small letters: vSphere does not care. As vmware/govmomi reads them, without AHCI (ESXi:
# home-assistant/operating-system#826).
SUBTYPES = {
    SCSI: {"virtualscsi", "pvscsi", "lsilogic", "lsilogicsas", "lsilogic-sas", "buslogic"},
    OTHER: {"vmware.sata.ahci", "vmware.nvme.controller", "vmware.nvdimm.controller",
            "vmware.nvdimm.device"},
    NETWORK: {"vmxnet3", "e1000", "e1000e", "vmxnet2", "vmxnet", "pcnet32", "flexible", "sriov"},
}  # fmt: skip
SCSI_ITSELF = "7"
# Controllers and cards as the rest of this program calls them.
CALLED = {
    **{(bus.resource, bus.subtype.lower()): name for name, bus in vmware.BUSES.items()},
    **{(NETWORK, subtype.lower()): name for name, subtype in vmware.CARDS.items()},
}
NO_DRIVERS = re.compile(rf"<!-- {LACKS}([a-z0-9, -]{{1,200}}) -->")
MEGABYTES = ("byte * 2^20", "MegaBytes", "MB")


def _items(ova: OpenedOva, *resources: int) -> list[etree._Element]:
    return _of(ova.every("//ovf:Item"), *resources)


def _machines(ova: OpenedOva) -> Iterator[list[etree._Element]]:
    """Yield the items of each machine, whose numbers have to differ. Items that repeat another for
    a range (ovf:bound) or a choice (ovf:configuration) are left out (DSP0243 1.1, 8.4, 9.8)."""
    for section in ova.every("//ovf:VirtualHardwareSection"):
        yield [
            item
            for item in section.findall("ovf:Item", NAMESPACES)
            if not attribute(item, "bound") and not attribute(item, "configuration")
        ]


def _of(items: list[etree._Element], *resources: int) -> list[etree._Element]:
    wanted = {str(each) for each in resources}
    return [each for each in items if _says(each, "ResourceType") in wanted]


def _says(item: etree._Element, tag: str) -> str:
    return (item.findtext(f"rasd:{tag}", "", NAMESPACES) or "").strip()


def _name(item: etree._Element) -> str:
    return _says(item, "ElementName") or _says(item, "InstanceID") or "an item"


def _version(ova: OpenedOva) -> int:
    """The newest hardware version that the description states; 0 if it states none."""
    every = [FAMILY.fullmatch(word) for word in _families(ova)]
    return max((int(found[1]) for found in every if found), default=0)


def _families(ova: OpenedOva) -> list[str]:
    words = " ".join(each.text or "" for each in ova.every("//vssd:VirtualSystemType"))
    return words.replace(",", " ").split()


def _family(ova: OpenedOva) -> Iterator[str]:
    if ova.envelope is not None and not _version(ova):
        yield " ".join(_families(ova)) or "no vssd:VirtualSystemType"


def _newer(ova: OpenedOva) -> Iterator[str]:
    if _version(ova) > vmware.NEWEST_HARDWARE:
        yield f"vmx-{_version(ova)}"


def _older(ova: OpenedOva) -> Iterator[str]:
    if 0 < _version(ova) < OLDEST:
        yield f"vmx-{_version(ova)}"


def _efi(ova: OpenedOva) -> Iterator[str]:
    said = {attribute(each, "key", VMW): attribute(each, "value", VMW)
            for each in ova.every("//vmw:Config")}  # fmt: skip
    if said.get("firmware") == "efi" and 0 < _version(ova) < EFI_NEEDS:
        yield f"vmx-{_version(ova)}"


def _ide(ova: OpenedOva) -> Iterator[str]:
    for item in _items(ova, IDE):
        if _says(item, "ResourceSubType"):
            yield f"{_name(item)}: {_says(item, 'ResourceSubType')}"


def _subtypes(ova: OpenedOva) -> Iterator[str]:
    for item in _items(ova, *SUBTYPES):
        resource = int(_says(item, "ResourceType"))
        said = _says(item, "ResourceSubType")  # several are a choice
        unknown = not SUBTYPES[resource] & set(said.lower().replace(",", " ").split())
        if unknown and (said or resource == OTHER):
            yield f"{_name(item)}: {said or 'nothing'}"


def _numbers(ova: OpenedOva) -> Iterator[str]:
    for items in _machines(ova):
        seen: set[str] = set()
        for item in items:
            number = _says(item, "InstanceID")
            if not number or number in seen:
                yield f"{_name(item)}: {number or 'none'}"
            seen.add(number)


def _parents(ova: OpenedOva) -> Iterator[str]:
    for section in ova.every("//ovf:VirtualHardwareSection"):
        every = section.findall("ovf:Item", NAMESPACES)
        known = {_says(item, "InstanceID") for item in _of(every, *CONTROLLERS)}
        for item in _of(every, DISK, CD):
            if _says(item, "Parent") not in known:
                yield f"{_name(item)}: {_says(item, 'Parent') or 'none'}"


def _addresses(ova: OpenedOva) -> Iterator[str]:
    for items in _machines(ova):
        scsi = {_says(item, "InstanceID") for item in _of(items, SCSI)}
        seen: set[tuple[str, str]] = set()
        for item in _of(items, DISK, CD):
            parent, place = _says(item, "Parent"), _says(item, "AddressOnParent")
            if (parent, place) in seen or not place.isdecimal():
                yield f"{_name(item)}: {place or 'none'}"
            elif parent in scsi and place == SCSI_ITSELF:
                yield f"{_name(item)}: {place} is the controller itself"
            seen.add((parent, place))


def _hosts(ova: OpenedOva) -> Iterator[str]:
    disks = {attribute(each, "diskId") for each in ova.every("//ovf:Disk")}
    files = {attribute(each, "id") for each in ova.every("//ovf:File")}
    known = {f"ovf:/disk/{each}" for each in disks} | {f"ovf:/file/{each}" for each in files}
    known |= {each.removeprefix("ovf:") for each in known}
    used = {attribute(each, "parentRef") for each in ova.every("//ovf:Disk")}  # of changes to it
    for item in _items(ova, DISK, CD):
        said = _says(item, "HostResource")
        used.add(said.rpartition("/")[2])
        new = item.xpath("*[local-name()='VirtualQuantity']")  # an empty disk of that size
        if said not in known and (said or (_says(item, "ResourceType") == str(DISK) and not new)):
            yield f"{_name(item)}: {said or 'none'}"
    for name in sorted(disks - used):
        yield f"{name} is in no drive"


def _least(ova: OpenedOva) -> Iterator[str]:
    for resource, what in ((CPU, "processor"), (MEMORY, "memory")):
        if ova.envelope is not None and not _items(ova, resource):
            yield f"no {what}"


def _memory(ova: OpenedOva) -> Iterator[str]:
    for item in _items(ova, MEMORY):
        if _says(item, "AllocationUnits") not in MEGABYTES:
            yield _says(item, "AllocationUnits") or "no unit"


def _systems(ova: OpenedOva) -> list[str]:
    sections = ova.every("//ovf:OperatingSystemSection")
    return [attribute(each, "osType", VMW) for each in sections]


def _os_type(ova: OpenedOva) -> Iterator[str]:
    for word in _systems(ova):
        if word not in systems.KNOWN:
            yield word or "no vmw:osType"


def _os_newer(ova: OpenedOva) -> Iterator[str]:
    for word in _systems(ova):
        if _version(ova) and vmware.OS_TYPES.get(word, 0) > _version(ova):
            yield f"{word} on vmx-{_version(ova)}"


def _drivers(ova: OpenedOva) -> Iterator[str]:
    """Each controller and card that the kernel does not drive, as far as the description says what
    that is; also as VirtualBox has it."""
    said = NO_DRIVERS.search(ova.ovf or "")
    lacks = set(said[1].split(", ")) if said else set()
    for item in _items(ova, *CONTROLLERS, NETWORK):
        kind = (int(_says(item, "ResourceType")), _says(item, "ResourceSubType").lower())
        name = CALLED.get(kind, "")
        if name in lacks:
            yield f"{_name(item)}: {name}"
        elif (seen := IN_VIRTUALBOX.get(name, "")) in lacks:
            yield f"{_name(item)}: {seen}, in VirtualBox, which has no {name}"


RULES = (
    Rule("hardware-family", ERROR, "VirtualSystemType is vmx-NN: vSphere knows no other hardware",
         "owncloud-archive/vm#53", _family),
    Rule("hardware-newer", WARNING,
         f"the hardware is at most vmx-{vmware.NEWEST_HARDWARE}: older hosts know no newer one",
         "bitnami/vms#1555", _newer),
    Rule("hardware-older", WARNING, f"the hardware is at least vmx-{OLDEST}: newer hosts refuse it",
         "home-assistant/operating-system#3163", _older),
    Rule("efi-hardware", WARNING, f"UEFI is of vmx-{EFI_NEEDS} or newer: Secure Boot needs that",
         "vSphere Security, Enable or Disable UEFI Secure Boot", _efi),
    Rule("ide-subtype", ERROR, "an IDE controller has no ResourceSubType: vSphere refuses PIIX4",
         "inverse-inc/packetfence#5522", _ide),
    Rule("subtype", ERROR, "controllers and network cards are of a kind that VMware has",
         "VMware vSphere API, VirtualController and VirtualEthernetCard", _subtypes),
    Rule("item-number", ERROR, "each item has a number (InstanceID) of its own",
         "DSP0243 1.1, 8.3", _numbers),
    Rule("drive-parent", ERROR, "each drive's Parent is a controller",
         "DSP0243 1.1, 8.3", _parents),
    Rule("drive-place", ERROR, "each drive has a free place (AddressOnParent) on its controller",
         "DSP0243 1.1, 8.3", _addresses),
    Rule("drive-disk", ERROR, "each drive's HostResource is a disk, and each disk is in a drive",
         "DSP0243 1.1, 8.3", _hosts),
    Rule("cpu-memory", ERROR, "there is a processor and memory", "DSP0243 1.1, 8.3", _least),
    Rule("memory-unit", WARNING, "memory is counted in byte * 2^20: virt-v2v reads nothing else",
         "virt-v2v(1), input/OVF.ml", _memory),
    Rule("os-type", WARNING, "vmw:osType is a guest system that vSphere knows",
         "EMCECS/ECS-CommunityEdition#555", _os_type),
    Rule("driver", WARNING, "the kernel drives the disk controllers and the network cards",
         "Debian's /boot/config-*-cloud-amd64; VirtualBox's ApplianceImplImport.cpp", _drivers),
    Rule("os-newer", WARNING, "hosts of that hardware know the guest system (vmw:osType)",
         "EMCECS/ECS-CommunityEdition#555", _os_newer),
)  # fmt: skip
