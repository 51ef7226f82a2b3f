"""virt-image XML: what appliance-creator has always written beside its disks (virt-image(5))."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from appliance.bundle.model import Bundle
from appliance.units import KIB

# Of virtinst's ImageParser, those that are made here. It has no word for a compressed file: the
# file's name says that, as it always did.
FORMATS = {
    "raw": "raw",
    "qcow2": "qcow2",
    "qcow2-zlib": "qcow2",
    "qcow2-plain": "qcow2",
    "vmdk": "vmdk",
    "raw.xz": "raw",
    "raw.zst": "raw",
    "raw.gz": "raw",
}


@dataclass(frozen=True)
class VirtImage:
    """One machine with full virtualization, its disks on virtio, each with its SHA-256.

    One checksum a disk and no more: the grammar (image.rng) allows a single one. *always*:
    whatever firmware a machine has, somebody wants the file.
    """

    always: bool = False

    name = "virt-image"
    says = "virt-image and whoever reads its XML, on KVM"
    formats = tuple(FORMATS)

    def refuses(self, bundle: Bundle) -> str:
        """See Launcher.refuses. The format has no word for firmware: such machines have a BIOS."""
        if not bundle.images(self.formats):
            return "virt-image knows raw, qcow2 and vmdk disks"
        if self.always or bundle.boots_with == "bios":
            return ""
        return "virt-image starts machines with a BIOS only"

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """See Launcher.leaves_out."""
        del bundle
        return ()

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """See Launcher.files."""
        return {f"{bundle.name}.xml": self.text(bundle)}

    def text(self, bundle: Bundle) -> str:
        """The description. Paths are relative to the file, memory is in KiB."""
        images = bundle.images(self.formats)
        image = etree.Element("image")
        said = {"version": bundle.version, "release": bundle.release}
        _add(image, "name", bundle.name, **{word: text for word, text in said.items() if text})
        domain = _add(image, "domain")
        boot = _add(domain, "boot", type="hvm")
        guest = _add(boot, "guest")
        _add(guest, "arch", bundle.machine.architecture)
        features = _add(guest, "features")
        _add(features, "acpi")
        _add(features, "apic")
        _add(_add(boot, "os"), "loader", dev="hd")
        for artifact, letter in zip(images, string.ascii_lowercase, strict=False):
            _add(boot, "drive", disk=artifact.path, target=f"vd{letter}")
        devices = _add(domain, "devices")
        _add(devices, "vcpu", str(bundle.machine.cpus))
        _add(devices, "memory", str(bundle.machine.memory // KIB))
        for _ in range(bundle.machine.interfaces):
            _add(devices, "interface")
        _add(devices, "graphics")
        storage = _add(image, "storage")
        for artifact in images:
            kind = FORMATS[artifact.disk_format]
            disk = _add(storage, "disk", file=artifact.path, use="system", format=kind)
            if artifact.sha256:
                _add(disk, "checksum", artifact.sha256, type="sha256")
        return str(etree.tostring(image, encoding="unicode", pretty_print=True))


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, tag, attributes)
    child.text = text or None
    return child
