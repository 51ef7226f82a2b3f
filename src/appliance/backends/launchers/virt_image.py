"""virt-image XML: what appliance-creator has always written beside its disks (virt-image(5))."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from appliance.backends.launchers import words, xen
from appliance.backends.launchers.xml import add as _add
from appliance.bundle.model import BIOS, Artifact, Bundle
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


PREFIXES = {"virtio": "vd", "virtio-scsi": "sd", "sata": "sd", "ide": "hd"}  # names mean the bus


@dataclass(frozen=True)
class VirtImage:
    """One machine with full virtualization and, where Xen can start it by pygrub, a paravirtual
    one; each disk has its SHA-256.

    Full virtualization comes first: that is what readers take that do not choose. A disk has one
    checksum, since the grammar (image.rng) allows no more. With *always* a machine that cannot
    start by BIOS is described too, and none is described for Xen.
    """

    always: bool = False

    name = "virt-image"
    says = "virt-image and whoever reads its XML, on KVM"
    formats = tuple(FORMATS)
    unasked = formats

    def refuses(self, bundle: Bundle) -> str:
        """Why *bundle* cannot be described for virt-image; empty if it can.

        The format cannot state the firmware: its machines have a BIOS.
        """
        if not bundle.images(self.formats):
            return "virt-image knows raw, qcow2 and vmdk disks"
        if self.always or bundle.boots_with == "bios":
            return ""
        return "virt-image starts machines with a BIOS only"

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine or the product that the format cannot express."""
        machine, bus = bundle.machine, _bus(bundle)
        lines = words.unknown("virt-image", machine.disk_bus, bus)
        lines += words.unknown("virt-image", machine.network_card, "what its reader chooses")
        lines += words.without_driver(bundle, "virt-image", bus=bus)
        if len(bundle.firmware) == 1 and BIOS not in bundle.firmware:
            lines.append("virt-image has no word for UEFI, with which alone it starts")
        return (*lines, *words.product_left_out(bundle, "virt-image"))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """The one file NAME.xml, a description in the format of virt-image(5)."""
        return {f"{bundle.name}.xml": self.text(bundle)}

    def text(self, bundle: Bundle) -> str:
        """The description as XML. Paths are relative to the file, memory is in KiB."""
        images = bundle.images(self.formats)
        image = etree.Element("image")
        said = {"version": bundle.version, "release": bundle.release}
        _add(image, "name", bundle.name, **{word: text for word, text in said.items() if text})
        for tag, text in (("label", words.title(bundle)),
                          ("description", words.description(bundle))):  # fmt: skip
            if text:
                _add(image, tag, text)
        domain = _add(image, "domain")
        _add_hvm(domain, bundle, images=images)
        if not self.always and xen.can_pygrub(bundle) and images[0].disk_format in xen.FORMATS:
            _add_xen(domain, bundle, images=images)
        devices = _add(domain, "devices")
        _add(devices, "vcpu", str(bundle.machine.cpus))
        _add(devices, "memory", str(bundle.machine.memory // KIB))
        for _ in range(bundle.machine.interfaces):
            _add(devices, "interface")
        if bundle.machine.display:
            _add(devices, "graphics")
        storage = _add(image, "storage")
        for artifact in images:
            kind = FORMATS[artifact.disk_format]
            disk = _add(storage, "disk", file=artifact.path, use="system", format=kind)
            if artifact.sha256:
                _add(disk, "checksum", artifact.sha256, type="sha256")
        return str(etree.tostring(image, encoding="unicode", pretty_print=True))


def _bus(bundle: Bundle) -> str:
    return words.choose(bundle.machine.disk_bus, tuple(PREFIXES), bundle.lacks)


def _add_hvm(domain: etree._Element, bundle: Bundle, *, images: tuple[Artifact, ...]) -> None:
    boot = _add(domain, "boot", type="hvm")
    guest = _add(boot, "guest")
    _add(guest, "arch", bundle.machine.architecture)
    features = _add(guest, "features")
    _add(features, "acpi")
    _add(features, "apic")
    _add(_add(boot, "os"), "loader", dev="hd")
    _add_drives(boot, images, prefix=PREFIXES[_bus(bundle)])


def _add_xen(domain: etree._Element, bundle: Bundle, *, images: tuple[Artifact, ...]) -> None:
    """Add a paravirtual machine, for which pygrub finds the newest kernel in the image."""
    boot = _add(domain, "boot", type="xen")
    _add(_add(boot, "guest"), "arch", bundle.machine.architecture)
    _add(_add(boot, "os"), "loader", "pygrub")
    _add_drives(boot, images, prefix="xvd")


def _add_drives(boot: etree._Element, images: tuple[Artifact, ...], *, prefix: str) -> None:
    for artifact, letter in zip(images, string.ascii_lowercase, strict=False):
        _add(boot, "drive", disk=artifact.path, target=f"{prefix}{letter}")
