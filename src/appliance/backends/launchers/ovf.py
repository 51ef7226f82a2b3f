"""OVF 1.x: NAME.ovf and its manifest, for vSphere, Workstation, VirtualBox (DSP0243).

backends/ova_rules lists what importers refuse, each with its source; none of it is written here.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from appliance.backends.launchers import vmware, words
from appliance.backends.launchers.xml import add
from appliance.backends.xml_texts import clean
from appliance.bundle.model import UEFI, Bundle, Property
from appliance.recipe.brand import Logo

OVF = "http://schemas.dmtf.org/ovf/envelope/1"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2"
RASD, VSSD = f"{CIM}/CIM_ResourceAllocationSettingData", f"{CIM}/CIM_VirtualSystemSettingData"
VMW = "http://www.vmware.com/schema/ovf"
NAMESPACES = {None: OVF, "ovf": OVF, "rasd": RASD, "vssd": VSSD, "vmw": VMW}
STREAM = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
ICON = "icon"  # the id of its file
NETWORK = "VM Network"  # what a new vSphere host has
TRANSPORT = "com.vmware.guestInfo iso"
LINUX_64 = "101"  # CIM_OperatingSystem: "Linux 64-Bit"
# OVF 1.1, table 6; a password is a string that is not shown.
KINDS = {"string": "string", "password": "string", "boolean": "boolean", "int": "sint32"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Asked of a host that has more than the least; it may go on without any of them.
SETTINGS = {
    "bootOptions.efiSecureBootEnabled": "false",
    "tools.syncTimeWithHost": "false",
    "tools.toolsUpgradePolicy": "manual",
    "powerOpInfo.powerOffType": "soft",
    "powerOpInfo.resetType": "soft",
    "powerOpInfo.suspendType": "hard",
}
# What VirtualBox, which imports the OVF too, makes of hardware that it has not: of an unknown card
# the usual one of a Linux (Main/src-server/ApplianceImplImport.cpp, Global.cpp).
IN_VIRTUALBOX = {"pvscsi": "lsilogic", "vmxnet3": "e1000", "e1000e": "e1000"}
LACKS = "This kernel has no drivers for: "  # how the comment begins that says so
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


class Ovf:
    """An OVF of one machine, whose disks are streamOptimized VMDKs, and a manifest with the
    SHA-256 of all files."""

    name = "ovf"
    says = "vSphere, Workstation and VirtualBox, which import it"
    formats = ("vmdk-stream",)
    unasked = formats

    def refuses(self, bundle: Bundle) -> str:
        """Why *bundle* cannot be described in OVF; empty if it can."""
        odd = [
            name
            for name in (bundle.name, *(image.path for image in bundle.images(self.formats)))
            if not NAME.fullmatch(name)
        ]
        if odd:
            return f"an OVF's names are letters, digits and . _ + - only, unlike '{odd[0]}'"
        return vmware.refuses(settled(bundle), self.formats, "ovf")

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine that an OVF cannot express or hosts cannot do; also
        what VirtualBox, which imports the OVF too, makes of it."""
        bundle = settled(bundle)
        return (*vmware.leaves_out(bundle, "ovf"), *_in_virtualbox(bundle))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """The descriptor NAME.ovf and its manifest NAME.mf, in the order in which an OVA has
        them, before the disks."""
        text = self.text(bundle)
        return {
            f"{bundle.name}.ovf": text,
            f"{bundle.name}.mf": self.manifest(bundle, text),
        }

    def manifest(self, bundle: Bundle, text: str) -> str:
        """The manifest of the descriptor *text* and of every disk whose digest is known.

        Some importers take no other spaces and no other name of the algorithm than these.
        """
        sums = {f"{bundle.name}.ovf": hashlib.sha256(text.encode()).hexdigest()}
        if bundle.icon:
            sums[icon_file(bundle)] = hashlib.sha256(icon_content(bundle.icon)).hexdigest()
        sums |= {image.path: image.sha256 for image in bundle.images(self.formats) if image.sha256}
        return "".join(f"SHA256({name})= {sha256}\n" for name, sha256 in sums.items())

    def text(self, bundle: Bundle) -> str:
        """The text of the OVF descriptor."""
        bundle = settled(bundle)
        envelope = etree.Element(f"{{{OVF}}}Envelope", nsmap=NAMESPACES)
        _add_disks(envelope, bundle)
        _add_network(envelope, bundle)
        system = _add(envelope, "VirtualSystem", id=bundle.name)
        _add(system, "Info", "A virtual machine")
        _add(system, "Name", bundle.name)
        if bundle.lacks:
            system.append(etree.Comment(f" {LACKS}{', '.join(bundle.lacks)} "))
        os = _add(system, "OperatingSystemSection", id=LINUX_64)
        os.set(f"{{{VMW}}}osType", clean(vmware.os_type(bundle)))
        _add(os, "Info", "The kind of installed guest operating system")
        _add_hardware(system, bundle)
        _add_product(system, bundle)
        _add_words(system, "AnnotationSection", "Annotation", text=words.description(bundle))
        _add_words(system, "EulaSection", "License", text=bundle.product.eula)
        body = etree.tostring(envelope, encoding="unicode", pretty_print=True)
        return f"{HEAD}{body}"


def settled(bundle: Bundle) -> Bundle:
    """Return *bundle* with a disk bus, if none was named: the best for which its kernel has a
    driver in VMware's machine and in VirtualBox's."""
    machine, lacks = bundle.machine, bundle.lacks
    if machine.disk_bus:
        return bundle
    both = [bus for bus in vmware.BUSES if not {bus, IN_VIRTUALBOX.get(bus, bus)} & {*lacks}]
    chosen = both[0] if both else vmware.bus(bundle)
    return replace(bundle, machine=replace(machine, disk_bus=chosen))


def _in_virtualbox(bundle: Bundle) -> Iterator[str]:
    """A line for the bus, and one for the card, that VirtualBox has instead of the one that is
    named, if the kernel drives that one and not this."""
    package = words.other_kernel(bundle)
    remedies = [f"install {package}"] if package else []
    bus, card = vmware.bus(bundle), vmware.card(bundle) if bundle.machine.interfaces else ""
    others = [f"--disk-bus {each}" for each in ("sata", "ide") if each not in bundle.lacks]
    for named, what, more in ((bus, "disks", others[:1]), (card, "network cards", [])):
        seen = IN_VIRTUALBOX.get(named, "")
        if seen in bundle.lacks and named not in bundle.lacks:
            remedy = ", or ".join((*more, *remedies))
            yield (
                f"in VirtualBox, which has no {named}, the {what} of this OVF are {seen}, for "
                f"which this kernel has no driver{': ' if remedy else ''}{remedy}"
            )


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    """Add an element of OVF's namespace, with attributes of the same, to *parent*; return it."""
    named = {f"{{{OVF}}}{name}": value for name, value in attributes.items()}
    return add(parent, f"{{{OVF}}}{tag}", text.strip(), **named)


def _add_disks(envelope: etree._Element, bundle: Bundle) -> None:
    """Add the sections References and DiskSection; their sizes are in bytes."""
    references = _add(envelope, "References")
    section = _add(envelope, "DiskSection")
    _add(section, "Info", "Virtual disks")
    for number, image in enumerate(bundle.images(Ovf.formats), 1):
        _add(references, "File", href=image.path, id=f"file{number}", size=str(image.file_size))
        said = {
            "capacity": str(image.size),
            "capacityAllocationUnits": "byte",
            "diskId": f"vmdisk{number}",
            "fileRef": f"file{number}",
            "format": STREAM,
        }
        if image.populated:  # it may be left out (DSP0243 1.1, 9.1), and 0 would say: empty
            said["populatedSize"] = str(image.populated)
        _add(section, "Disk", **said)
    if bundle.icon:
        size = str(len(icon_content(bundle.icon)))
        _add(references, "File", href=icon_file(bundle), id=ICON, size=size)


def _add_network(envelope: etree._Element, bundle: Bundle) -> None:
    if bundle.machine.interfaces:
        section = _add(envelope, "NetworkSection")
        _add(section, "Info", "Logical networks")
        network = _add(section, "Network", name=NETWORK)
        _add(network, "Description", "Where the machine's network cards are")


def _add_hardware(system: etree._Element, bundle: Bundle) -> None:
    properties = {"transport": TRANSPORT} if bundle.product.properties else {}
    section = _add(system, "VirtualHardwareSection", **properties)
    _add(section, "Info", "Virtual hardware requirements")
    family = _add(section, "System")
    kinds = {
        "ElementName": "Virtual Hardware Family",
        "InstanceID": "0",
        "VirtualSystemIdentifier": bundle.name,
        "VirtualSystemType": f"vmx-{vmware.hardware(bundle)}",
    }
    for tag, text in kinds.items():
        add(family, f"{{{VSSD}}}{tag}", text)
    items = _Items(section)
    machine = bundle.machine
    items.add(3, f"{machine.cpus} virtual CPU(s)", AllocationUnits="hertz * 10^6",
              VirtualQuantity=str(machine.cpus))  # fmt: skip
    memory = vmware.memory(bundle)
    items.add(4, f"{memory} MB of memory", AllocationUnits="byte * 2^20",
              VirtualQuantity=str(memory))  # fmt: skip
    _add_drives(items, bundle)
    for number in range(1, machine.interfaces + 1):
        items.add(10, f"Ethernet {number}", AutomaticAllocation="true", Connection=NETWORK,
                  ResourceSubType=vmware.CARDS[vmware.card(bundle)])  # fmt: skip
    items.add(24, "Video card", required=False, AutomaticAllocation="false")
    firmware = "efi" if bundle.boots_with == UEFI else "bios"
    for key, value in {"firmware": firmware, **SETTINGS}.items():
        config = etree.SubElement(section, f"{{{VMW}}}Config")
        config.set(f"{{{OVF}}}required", "false")
        config.set(f"{{{VMW}}}key", key)
        config.set(f"{{{VMW}}}value", value)


def _add_drives(items: "_Items", bundle: Bundle) -> None:
    """Add the disk controllers, the disks on them, and a CD drive, by which the guest may get the
    properties, if there are any."""
    kind = vmware.BUSES[vmware.bus(bundle)]
    addresses = kind.addresses(len(bundle.images(Ovf.formats)))
    controllers = {
        number: items.add(
            kind.resource,
            f"{kind.title} {number}",
            Address=str(number),
            ResourceSubType=kind.subtype,
        )
        for number in sorted({controller for controller, _ in addresses})
    }
    for number, (controller, place) in enumerate(addresses, 1):
        items.add(
            17,
            f"Hard disk {number}",
            AddressOnParent=str(place),
            HostResource=f"ovf:/disk/vmdisk{number}",
            Parent=str(controllers[controller]),
        )
    if bundle.product.properties and kind is not vmware.BUSES["ide"]:
        ide = items.add(5, "IDE Controller 0", required=False, Address="0")
        items.add(
            15,
            "CD drive 1",
            required=False,
            AddressOnParent="0",
            AutomaticAllocation="false",
            Parent=str(ide),
            ResourceSubType="vmware.cdrom.remotepassthrough",
        )


class _Items:
    """The items of a VirtualHardwareSection, numbered from 1."""

    def __init__(self, section: etree._Element) -> None:
        self.section, self.last = section, 0

    def add(self, resource: int, name: str, *, required: bool = True, **said: str) -> int:
        """Add an item of the ResourceType *resource*; return its number. Its elements, without
        the empty ones, are in the order of the alphabet, as the schema of CIM wants them."""
        self.last += 1
        item = _add(self.section, "Item", **({} if required else {"required": "false"}))
        said |= {
            "ElementName": name,
            "InstanceID": str(self.last),
            "ResourceType": str(resource),
        }
        for tag, text in sorted((tag, text) for tag, text in said.items() if text):
            add(item, f"{{{RASD}}}{tag}", text)
        return self.last


def _add_product(system: etree._Element, bundle: Bundle) -> None:
    """Add the ProductSection: what the product is, and the properties that are asked when it is
    deployed, none of which has to be answered."""
    product = bundle.product
    version = product.version or bundle.version
    full = f"{version}-{bundle.release}" if version and bundle.release else ""
    section = _add(system, "ProductSection", required="false")
    _add(section, "Info", "Information about the installed software")
    said = {
        "Product": product.name or bundle.name,
        "Vendor": product.vendor,
        "Version": version,
        "FullVersion": full,
        "ProductUrl": product.url,
        "VendorUrl": product.vendor_url,
    }
    for tag, text in said.items():
        if text:
            _add(section, tag, text)
    if bundle.icon:
        _add_icon(section, bundle.icon)
    for each in product.properties:
        _add_property(section, each)


def _add_icon(section: etree._Element, icon: Logo) -> None:
    _add(
        section,
        "Icon",
        fileRef=ICON,
        height=str(icon.height),
        width=str(icon.width),
        mimeType="image/png",
    )


def icon_file(bundle: Bundle) -> str:
    """Name the file of the picture beside the descriptor."""
    return f"{bundle.name}-{ICON}.png"


def icon_content(icon: Logo) -> bytes:
    """Return the bytes of that file."""
    return base64.b64decode(icon.base64)


def _add_property(section: etree._Element, each: Property) -> None:
    hidden = {"password": "true"} if each.kind == "password" else {}
    said = {"key": each.key, "type": KINDS[each.kind], "userConfigurable": "true", **hidden}
    if each.default or said["type"] == "string":  # an empty text is no number
        said["value"] = each.default
    element = _add(section, "Property", **said)
    _add(element, "Label", each.label or each.key)
    if each.description:
        _add(element, "Description", each.description)


def _add_words(system: etree._Element, section: str, tag: str, *, text: str) -> None:
    if clean(text).strip():
        element = _add(system, section, required="false")
        _add(element, "Info", {"License": "The licence", "Annotation": "What it is"}[tag])
        _add(element, tag, text)
