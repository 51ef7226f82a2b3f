"""libvirt domain XML: `virsh define` makes a machine of it on KVM (formatdomain.html)."""

import string
from collections.abc import Mapping

from lxml import etree

from appliance.backends.launchers import words
from appliance.backends.launchers.xml import add as _add
from appliance.backends.xml_texts import clean
from appliance.bundle.model import BIOS, Bundle
from appliance.units import KIB

BOARDS = {"x86_64": "q35", "aarch64": "virt"}
OLD_BOARD = "pc"  # the one that has IDE
# What libvirt calls a bus, how it names the disks on it, and its controller if it is to be told.
BUSES = {
    "virtio": ("virtio", "vd", ""),
    "virtio-scsi": ("scsi", "sd", "virtio-scsi"),
    "sata": ("sata", "sd", ""),
    "ide": ("ide", "hd", ""),
}
EVERYWHERE = ("virtio", "virtio-scsi")  # SATA and IDE only x86 has
CARDS = ("virtio", "e1000e", "e1000", "vmxnet3")
IDE_PLACES = 4
# Of our formats, as libvirt's <driver type=""> says them.
FORMATS = {
    "qcow2": "qcow2",
    "qcow2-zlib": "qcow2",
    "qcow2-plain": "qcow2",
    "raw": "raw",
    "vmdk": "vmdk",
    "vdi": "vdi",
}
DISK_LETTERS = string.ascii_lowercase
POOL = "default"  # the one that every libvirt host has; a relative path is not valid there


class Libvirt:
    """A domain of virtio devices, with a serial console and a channel for the guest agent.

    It fits every host: it states no absolute path, UUID, MAC address or firmware file. Disks are
    named as volumes of the pool called default.
    """

    name = "libvirt"
    says = "virsh define, on KVM"
    formats = tuple(FORMATS)
    unasked = formats

    def refuses(self, bundle: Bundle) -> str:
        """Why libvirt cannot start *bundle*; empty if it can."""
        if bundle.machine.architecture not in BOARDS:
            return f"libvirt describes {' and '.join(BOARDS)} machines only"
        images = bundle.images(self.formats)
        if not images:
            return f"libvirt starts machines from {', '.join(self.formats)} only"
        room = IDE_PLACES if _bus(bundle) == "ide" else len(DISK_LETTERS)
        return "" if len(images) <= room else f"libvirt has room for {room} disks on {_bus(bundle)}"

    def leaves_out(self, bundle: Bundle) -> tuple[str, ...]:
        """What *bundle* wants of the machine or the product that a libvirt domain cannot
        express."""
        machine, bus, card = bundle.machine, _bus(bundle), _card(bundle)
        lines = words.unknown("libvirt", machine.disk_bus, bus)
        lines += words.unknown("libvirt", machine.network_card, card)
        lines += words.without_driver(bundle, "libvirt", bus=bus, card=card)
        return (*lines, *words.product_left_out(bundle, "libvirt"))

    def files(self, bundle: Bundle) -> Mapping[str, str]:
        """The one file NAME.libvirt.xml, which describes the domain."""
        return {f"{bundle.name}.libvirt.xml": self.text(bundle)}

    def text(self, bundle: Bundle) -> str:
        """The domain as XML. It has UEFI (without Secure Boot) only if *bundle* cannot start by
        BIOS."""
        machine = bundle.machine
        domain = etree.Element("domain", type="kvm")
        domain.append(etree.Comment(_advice(bundle)))
        _add(domain, "name", bundle.name)
        for tag, text in (("title", words.title(bundle)), ("description", _description(bundle))):
            if text:
                _add(domain, tag, text)
        _add(domain, "memory", str(machine.memory // KIB), unit="KiB")
        _add(domain, "vcpu", str(machine.cpus))
        _add_firmware(domain, bundle)
        features = _add(domain, "features")
        _add(features, "acpi")
        _add(features, "apic")
        _add(domain, "cpu", mode="host-passthrough")
        _add(domain, "clock", offset="utc")
        devices = _add(domain, "devices")
        _add_disks(devices, bundle)
        for _ in range(machine.interfaces):
            interface = _add(devices, "interface", type="network")
            _add(interface, "source", network="default")
            _add(interface, "model", type=_card(bundle))
        _add_console(devices, display=machine.display)
        return str(etree.tostring(domain, encoding="unicode", pretty_print=True))


def _bus(bundle: Bundle) -> str:
    known = tuple(BUSES) if bundle.machine.architecture == "x86_64" else EVERYWHERE
    return words.choose(bundle.machine.disk_bus, known, bundle.lacks)


def _card(bundle: Bundle) -> str:
    return words.choose(bundle.machine.network_card, CARDS, bundle.lacks)


def _description(bundle: Bundle) -> str:
    return clean(words.description(bundle)).strip()


def _add_disks(devices: etree._Element, bundle: Bundle) -> None:
    bus, prefix, model = BUSES[_bus(bundle)]
    for artifact, letter in zip(bundle.images(Libvirt.formats), DISK_LETTERS, strict=False):
        disk = _add(devices, "disk", type="volume", device="disk")
        _add(disk, "driver", name="qemu", type=FORMATS[artifact.disk_format], discard="unmap")
        _add(disk, "source", pool=POOL, volume=artifact.path)
        _add(disk, "target", dev=f"{prefix}{letter}", bus=bus)
    if model:
        _add(devices, "controller", type=bus, index="0", model=model)


def _advice(bundle: Bundle) -> str:
    disks = ", ".join(artifact.path for artifact in bundle.images(Libvirt.formats))
    text = f" Put {disks} into the pool {POOL}, then: virsh define {bundle.name}.libvirt.xml "
    return clean(text).replace("--", "- -")  # XML allows no two hyphens in a comment


def _add_firmware(domain: etree._Element, bundle: Bundle) -> None:
    """Add how the machine starts; libvirt chooses the firmware's file on each host."""
    bios = bundle.boots_with == BIOS
    os = _add(domain, "os", **({} if bios else {"firmware": "efi"}))
    architecture = bundle.machine.architecture
    board = OLD_BOARD if _bus(bundle) == "ide" else BOARDS[architecture]
    _add(os, "type", "hvm", arch=architecture, machine=board)
    if not bios:
        firmware = _add(os, "firmware")
        _add(firmware, "feature", enabled="no", name="secure-boot")
        _add(firmware, "feature", enabled="no", name="enrolled-keys")
    _add(os, "boot", dev="hd")


def _add_console(devices: etree._Element, *, display: bool) -> None:
    """Add what the machine's owner needs: serial console, guest agent, entropy, memory balloon,
    and a screen if *display*."""
    _add(_add(devices, "serial", type="pty"), "target", port="0")
    _add(_add(devices, "console", type="pty"), "target", type="serial", port="0")
    channel = _add(devices, "channel", type="unix")
    _add(channel, "target", type="virtio", name="org.qemu.guest_agent.0")
    if display:
        _add(devices, "graphics", type="vnc", autoport="yes")
    _add(_add(devices, "video"), "model", type="virtio" if display else "none")
    _add(devices, "memballoon", model="virtio")
    _add(_add(devices, "rng", model="virtio"), "backend", "/dev/urandom", model="random")
