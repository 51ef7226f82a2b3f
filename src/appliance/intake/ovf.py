"""Read an OVF, ours or another's: the machine that it describes, and the files of its disks.

Facts: OVF 1.1 (DSP0243), 7 and 8; CIM_ResourceAllocationSettingData's resource types. What QEMU
does not have becomes what is most like it: an LSI parallel controller the SAS one of the same
makers, an unknown network card an e1000.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from appliance.bundle.model import BIOS, UEFI, Machine
from appliance.bundle.sense import check_size
from appliance.bundle.sheet_keys import CONTROL
from appliance.errors import RequestError, Where
from appliance.intake import ovf_product
from appliance.intake.described_machine import DescribedMachine, DiskFile
from appliance.intake.ovf_elements import attribute, every, local
from appliance.intake.places import inside
from appliance.intake.xml_reading import parse
from appliance.units import MIB

CPU, MEMORY, IDE, SCSI, CARD, DISK, OTHER_STORAGE = "3", "4", "5", "6", "10", "17", "20"
CONTROLLERS = (IDE, SCSI, OTHER_STORAGE)
BUSES = {"virtualscsi": "pvscsi", "vmware.sata.ahci": "sata", "ahci": "sata"}
USUAL_BUS = {IDE: "ide", SCSI: "lsilogic", OTHER_STORAGE: "sata"}
CARDS = {"vmxnet3": "vmxnet3", "e1000e": "e1000e"}
USUAL_CARD = "e1000"
LONGEST_MANIFEST = MIB  # letters
UNITS = re.compile(r"byte\s*\*\s*2\s*\^\s*(\d{1,2})")
SUM = re.compile(r"(SHA1|SHA256)\(([^()]*)\)= ([0-9a-fA-F]+)")


@dataclass(frozen=True)
class _OvfItem:
    kind: str
    number: str
    said: dict[str, str]
    where: Where


def read(path: Path) -> DescribedMachine:
    """Read the OVF *path*; raises RequestError, with the line, for whatever cannot be started."""
    root = parse(path)
    systems = every(root, "VirtualSystem")
    if local(root) != "Envelope" or len(systems) != 1:
        raise RequestError(
            f"it describes {len(systems)} virtual systems, not one", where=Where(path, 1)
        )
    items = [_item(each, path) for each in every(systems[0], "Item")]
    drives = [each for each in items if each.kind == DISK]
    if not drives:
        raise RequestError("its machine has no disk", where=Where(path, systems[0].sourceline or 1))
    cards = [each for each in items if each.kind == CARD]
    firmware = {
        attribute(each, "value")
        for each in every(systems[0], "Config")
        if attribute(each, "key") == "firmware"
    }
    plain = Machine()
    machine = Machine(
        memory=_memory(items) or plain.memory,
        cpus=_number(items, CPU) or plain.cpus,
        interfaces=len(cards),
        firmware=UEFI if "efi" in firmware else BIOS,
        disk_bus=_bus(drives[0], items),
        network_card=_card(cards[0]) if cards else "",
        os_type=_os_type(systems[0]),
    )
    check_size(machine, Where(path, 1))
    sums = _sums(path.resolve().with_suffix(".mf"))
    named = dict(_named(root))
    return DescribedMachine(
        path=path.resolve(),
        name=path.stem,
        machine=machine,
        files=tuple(_file(each, named, path, sums) for each in drives),
        said=ovf_product.read(systems[0], path.stem),
    )


def _item(element: "etree._Element", path: Path) -> _OvfItem:
    said = {local(child): (child.text or "").strip() for child in element.iterchildren("*")}
    where = Where(path, element.sourceline or 1)
    return _OvfItem(said.get("ResourceType", ""), said.get("InstanceID", ""), said, where)


def _bus(drive: _OvfItem, items: list[_OvfItem]) -> str:
    """Return the bus that the drive hangs on; empty if no controller is said."""
    for item in items:
        if item.kind in CONTROLLERS and item.number == drive.said.get("Parent"):
            kind = item.said.get("ResourceSubType", "").lower()
            if "nvme" in kind:
                return "nvme"
            return BUSES.get(kind, USUAL_BUS[item.kind])
    return ""


def _card(item: _OvfItem) -> str:
    return CARDS.get(item.said.get("ResourceSubType", "").lower(), USUAL_CARD)


def _os_type(system: "etree._Element") -> str:
    """Return VMware's word for the guest's operating system; empty if it is not said."""
    said = (attribute(each, "osType") for each in every(system, "OperatingSystemSection"))
    return CONTROL.sub("", next(said, ""))


def _number(items: list[_OvfItem], kind: str) -> int:
    """Return the VirtualQuantity of the items of that kind; 0 if there is none."""
    for item in items:
        if item.kind == kind:
            text = item.said.get("VirtualQuantity", "")
            if not re.fullmatch(r"[0-9]{1,9}", text) or not int(text):
                raise RequestError(f"'{text}' is not a number above 0", where=item.where)
            return int(text)
    return 0


def _memory(items: list[_OvfItem]) -> int:
    """Return the memory in bytes: where no unit is understood it is MiB, as all readers have it."""
    unit = next((item.said.get("AllocationUnits", "") for item in items if item.kind == MEMORY), "")
    power = UNITS.fullmatch(unit)
    return _number(items, MEMORY) * (2 ** int(power[1]) if power else MIB)


def _named(root: "etree._Element") -> list[tuple[str, str]]:
    """(what a drive may name, the file): by the disk's id, and by the file's own."""
    files = {attribute(each, "id"): attribute(each, "href") for each in every(root, "File")}
    disks = [
        (f"disk/{attribute(each, 'diskId')}", files.get(attribute(each, "fileRef"), ""))
        for each in every(root, "Disk")
    ]
    return [*disks, *((f"file/{name}", file) for name, file in files.items())]


def _file(
    drive: _OvfItem, named: dict[str, str], path: Path, sums: dict[str, tuple[tuple[str, str], ...]]
) -> DiskFile:
    resource = drive.said.get("HostResource", "").removeprefix("ovf:").strip("/")
    name = named.get(resource, "")
    if not name:
        raise RequestError(f"no file is '{resource}'", where=drive.where)
    file = inside(name, path, drive.where)
    if not file.is_file():
        raise RequestError(f"the disk {name} is not there", where=drive.where)
    return DiskFile(file, drive.where, sums.get(name, ()))


def _sums(manifest: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the manifest beside it states, by file; nothing if there is none."""
    if not manifest.is_file():
        return {}
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    with manifest.open(errors="replace") as file:
        text = file.read(LONGEST_MANIFEST)
    for line in text.splitlines():
        if match := SUM.fullmatch(line.strip()):
            found[match[2]] = (*found.get(match[2], ()), (match[1], match[3].lower()))
    return found
