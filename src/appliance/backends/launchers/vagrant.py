"""The texts of a Vagrant box, for its providers libvirt and virtualbox.

A box is an archive of these and of the disks (Vagrant's documentation, "Box File Format").
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from appliance.backends.launchers import words
from appliance.backends.launchers.ovf import Ovf
from appliance.bundle.model import BIOS, UEFI, Artifact, Bundle
from appliance.units import GIB, MIB, align_up

LIBVIRT_FORMATS = ("qcow2-zlib", "qcow2-plain", "qcow2")  # older hosts know no zstd in it
VIRTUALBOX_FORMATS = Ovf.formats
# What VirtualBox has of the buses and cards; its names of the cards are VBoxManage's.
VIRTUALBOX_BUSES = ("sata", "ide", "lsilogic")
VIRTUALBOX_CARDS = {"virtio": "virtio", "e1000": "82540EM"}
LIBVIRT_BUSES = {"virtio": "virtio", "virtio-scsi": "scsi", "sata": "sata", "ide": "ide"}
LIBVIRT_CARDS = ("virtio", "e1000e", "e1000", "vmxnet3")
ORACLE = "080027"  # the maker's half of the addresses that VirtualBox gives


def libvirt_refuses(bundle: Bundle) -> str:
    """Why *bundle* cannot be a box for libvirt; empty if it can."""
    if not bundle.images(LIBVIRT_FORMATS):
        return f"a box for libvirt takes {', '.join(LIBVIRT_FORMATS)} disks only"
    if bundle.boots_with != BIOS:  # its loader would be a file of one host
        return "a box for libvirt cannot say that it needs UEFI"
    return ""


def libvirt_disks(bundle: Bundle) -> dict[str, Artifact]:
    """The disks of a box for libvirt, by their names in the box: box.img for an only one, else
    box_1.img and so on."""
    images = bundle.images(LIBVIRT_FORMATS)
    if len(images) == 1:
        return {"box.img": images[0]}
    return {f"box_{number}.img": image for number, image in enumerate(images, 1)}


def libvirt_box(bundle: Bundle) -> dict[str, str]:
    """The texts of metadata.json and Vagrantfile for vagrant-libvirt, by file name; several disks
    are listed in the plugin's format 2."""
    disks = libvirt_disks(bundle)
    says: dict[str, object] = {"provider": "libvirt", "format": "qcow2"}
    if len(disks) == 1:
        says["virtual_size"] = _gib(next(iter(disks.values())).size)
    else:
        says["disks"] = [{"path": name, "format": "qcow2"} for name in disks]
    machine = bundle.machine
    bus = words.choose(machine.disk_bus, tuple(LIBVIRT_BUSES), bundle.lacks)
    card = words.choose(machine.network_card, LIBVIRT_CARDS, bundle.lacks)
    lines = [
        *_settings(bundle, "libvirt"),
        f"    libvirt.disk_bus = {quoted(LIBVIRT_BUSES[bus])}",
        f"    libvirt.nic_model_type = {quoted(card)}",
        *(["    libvirt.machine_type = 'pc'"] if bus == "ide" else []),
        *([] if machine.display else ["    libvirt.graphics_type = 'none'"]),
    ]
    return {
        "metadata.json": _json(says),
        "Vagrantfile": _vagrantfile(bundle, "libvirt", lines=lines),
    }


def virtualbox_refuses(bundle: Bundle) -> str:
    """Why *bundle* cannot be a box for VirtualBox; empty if it can."""
    return Ovf().refuses(_for_virtualbox(bundle))


def virtualbox_disks(bundle: Bundle) -> dict[str, Artifact]:
    """The disks of a box for VirtualBox, by their names in the box, which box.ovf states."""
    return {image.path: image for image in bundle.images(VIRTUALBOX_FORMATS)}


def virtualbox_box(bundle: Bundle) -> dict[str, str]:
    """The texts of metadata.json, Vagrantfile and box.ovf for VirtualBox, by file name."""
    machine = bundle.machine
    card = words.choose(machine.network_card, tuple(VIRTUALBOX_CARDS), bundle.lacks)
    firmware = ["    virtualbox.customize ['modifyvm', :id, '--firmware', 'efi']"]
    lines = [
        *_settings(bundle, "virtualbox"),
        *(firmware if bundle.boots_with == UEFI else []),
        f"    virtualbox.default_nic_type = {quoted(VIRTUALBOX_CARDS[card])}",
        f"    virtualbox.gui = {'true' if machine.display and not machine.interfaces else 'false'}",
    ]
    address = f"  config.vm.base_mac = '{ORACLE}{bundle.plan_digest[:6].upper()}'"
    text = _vagrantfile(bundle, "virtualbox", lines=lines, before=[address])
    return {
        "metadata.json": _json({"provider": "virtualbox"}),
        "Vagrantfile": text,
        "box.ovf": Ovf().text(_for_virtualbox(bundle)),
    }


def leaves_out(bundle: Bundle, provider: str) -> tuple[str, ...]:
    """Return a line for each wish about the machine or the product that a box for *provider*
    cannot express, and for each that will not work there."""
    buses, cards = {
        "libvirt": (tuple(LIBVIRT_BUSES), LIBVIRT_CARDS),
        "virtualbox": (VIRTUALBOX_BUSES, tuple(VIRTUALBOX_CARDS)),
    }[provider]
    bus = words.choose(bundle.machine.disk_bus, buses, bundle.lacks)
    card = words.choose(bundle.machine.network_card, cards, bundle.lacks)
    program = f"the box for {provider}"
    lines = words.unknown(program, bundle.machine.disk_bus, bus)
    lines += words.unknown(program, bundle.machine.network_card, card)
    lines += words.without_driver(bundle, program, bus=bus, card=card)
    return (*lines, *words.product_left_out(bundle, program))


def quoted(text: str) -> str:
    """Quote *text* as a string of Ruby, in single quotes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _for_virtualbox(bundle: Bundle) -> Bundle:
    """Return *bundle* with a disk bus and a network card that VirtualBox has."""
    bus = words.choose(bundle.machine.disk_bus, VIRTUALBOX_BUSES, bundle.lacks)
    machine = replace(bundle.machine, disk_bus=bus, network_card="e1000")
    return replace(bundle, machine=machine)


def _gib(size: int) -> int:
    return align_up(size, GIB) // GIB


def _json(says: Mapping[str, object]) -> str:
    return json.dumps(says, indent=2) + "\n"


def _settings(bundle: Bundle, provider: str) -> list[str]:
    machine = bundle.machine
    return [
        f"    {provider}.memory = {max(1, machine.memory // MIB)}",
        f"    {provider}.cpus = {machine.cpus}",
    ]


def _vagrantfile(
    bundle: Bundle, provider: str, *, lines: list[str], before: list[str] | None = None
) -> str:
    """The text of the box's Vagrantfile, whose settings the user's own Vagrantfile overrides.
    *lines* are for the provider, *before* for the machine."""
    ports = [
        f"  config.vm.network 'forwarded_port', guest: {each.number}, host: {_host(each.number)}, "
        f"protocol: '{each.protocol}', auto_correct: true"
        for each in bundle.product.ports
        if each.number != 22  # Vagrant's own
    ]
    folder = "  config.vm.synced_folder '.', '/vagrant', disabled: true"
    body = [*(before or []), folder, *ports]
    provided = [f"  config.vm.provider :{provider} do |{provider}|", *lines, "  end"]
    return "\n".join(["Vagrant.configure('2') do |config|", *body, *provided, "end", ""])


def _host(port: int) -> int:
    """A port of the host for the guest's *port*, which every user may open."""
    return port if port >= 1024 else port + 8000
