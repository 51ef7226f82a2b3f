"""libvirt's XML for a machine that virt-image makes: everything chosen, as a value (pure)."""

import re
import string
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from appliance.errors import RequestError
from appliance.intake.virt_image import Boot
from appliance.units import KIB

BUSES = {"hd": "ide", "sd": "scsi", "vd": "virtio", "xvd": "xen", "fd": "fdc"}
PREFIXES = {"hvm": "hd", "xen": "xvd"}  # of drives that name no target
CDROM = "hdc"  # where the first CD is, if it names no target: virtinst left it free for one
MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
CPUSET = re.compile(r"\^?\d+(-\d+)?(,\^?\d+(-\d+)?)*")
DISPLAYS = ("vnc", "sdl", "spice", "none")


@dataclass(frozen=True)
class Network:
    """One network card.

    *kind*: what it is connected to: network, bridge or user.
    *source*: the name of the network or bridge.
    *mac*: its hardware address; empty if libvirt chooses one.
    *model*: the card that the guest sees; empty if libvirt chooses one.
    """

    kind: str
    source: str = ""
    mac: str = ""
    model: str = ""


@dataclass(frozen=True)
class Graphics:
    """How the screen is reached; what is empty libvirt chooses.

    *kind*: one of DISPLAYS.
    *port*: the port that is listened on.
    *listen*: the address that is listened on.
    *keymap*: the keyboard's layout.
    """

    kind: str
    port: str = ""
    listen: str = ""
    keymap: str = ""


@dataclass(frozen=True)
class Cpus:
    """The virtual processors of a machine.

    *count*: how many there are.
    *topology*: how they are divided: (sockets, cores, threads); None if nobody says it.
    *cpuset*: on which of the host's processors they run; empty for any.
    *model*: the processor's model: empty, host, or a name with +feature,-feature.
    """

    count: int
    topology: tuple[int, int, int] | None = None
    cpuset: str = ""
    model: str = ""


@dataclass(frozen=True)
class GuestDisk:
    """A disk of a machine, as libvirt is told of it.

    *path*: the file that holds the disk.
    *disk_format*: its format, as libvirt calls it.
    *target*: the device that the guest has it as: vda.
    *cdrom*: True if it is a CD drive.
    """

    path: Path
    disk_format: str
    target: str
    cdrom: bool = False


@dataclass(frozen=True)
class Guest:
    """A machine of libvirt, with everything that its domain XML says.

    *name*: the machine's name.
    *hypervisor*: libvirt's domain type: kvm, qemu, xen.
    *boot*: the way to start that its description has.
    *memory*: its memory in bytes.
    *cpus*: its processors.
    *disks*: its disks.
    *networks*: its network cards.
    *graphics*: how its screen is reached.
    *uuid*: its UUID; empty if libvirt chooses one.
    *kernel*: the absolute path of a kernel that is started directly, or empty.
    *initrd*: the absolute path of the initrd for that kernel, or empty.
    *off*: features that the machine shall not have: acpi, apic.
    *clock*: what its hardware clock shows: utc or localtime.
    """

    name: str
    hypervisor: str
    boot: Boot
    memory: int
    cpus: Cpus
    disks: tuple[GuestDisk, ...]
    networks: tuple[Network, ...]
    graphics: Graphics
    uuid: str = ""
    kernel: str = ""
    initrd: str = ""
    off: tuple[str, ...] = ()
    clock: str = "utc"


def network(text: str) -> Network:
    """What `--network bridge:br0`, `network=default,mac=…,model=…` or `user` means."""
    first, *rest = text.split(",")
    kind, _, source = first.replace("=", ":", 1).partition(":")
    said = _pairs(rest, ("mac", "model"), f"--network {text}")
    if kind not in ("network", "bridge", "user") or (kind == "user") == bool(source):
        raise RequestError(f"'{text}' is no network", hint="network:NAME, bridge:NAME or user")
    return Network(kind, source, mac(said.get("mac", "")), said.get("model", ""))


def mac(text: str) -> str:
    """A MAC address; RANDOM and nothing are libvirt's to choose. Raises RequestError."""
    if text in ("", "RANDOM"):
        return ""
    if not MAC.fullmatch(text):
        raise RequestError(f"'{text}' is no MAC address", hint="52:54:00:12:34:56")
    return text.lower()


def graphics(text: str) -> Graphics:
    """What `--graphics vnc,port=5901,listen=0.0.0.0,keymap=de` means; raises RequestError."""
    kind, *rest = text.split(",")
    if kind not in DISPLAYS:
        raise RequestError(f"'{kind}' is no kind of graphics", hint=", ".join(DISPLAYS))
    return Graphics(kind, **_pairs(rest, ("port", "listen", "keymap"), f"--graphics {text}"))


def cpus(text: str) -> Cpus:
    """What `--vcpus 4,sockets=2,cores=2,threads=1` means; raises RequestError."""
    count, *rest = text.split(",")
    said = _pairs(rest, ("sockets", "cores", "threads", "maxvcpus"), f"--vcpus {text}")
    said.pop("maxvcpus", "")
    if not all(part.isdecimal() and int(part) for part in (count, *said.values())):
        raise RequestError(f"'{text}' is no number of processors", hint="2, or 4,sockets=2,cores=2")
    if not said:
        return Cpus(int(count))
    sockets, cores, threads = (int(said.get(word, 1)) for word in ("sockets", "cores", "threads"))
    if sockets * cores * threads != int(count):
        raise RequestError(f"{sockets} * {cores} * {threads} are not {count} processors")
    return Cpus(int(count), (sockets, cores, threads))


def uuid(text: str) -> str:
    """32 hexadecimal digits, with or without hyphens, as libvirt writes them."""
    if not UUID.fullmatch(text):
        raise RequestError(f"'{text}' is no UUID", hint="32 hexadecimal digits")
    plain = text.replace("-", "").lower()
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def targets(boot: Boot) -> tuple[str, ...]:
    """The target of each drive: those that name none take what is free, on the first one's bus."""
    named = [drive.target for drive in boot.drives if drive.target]
    taken = set(named)
    prefix = next((word for word in BUSES if named and named[0].startswith(word)), "")
    prefix = prefix.replace("fd", "") or PREFIXES[boot.kind]
    found = []
    for drive in boot.drives:
        cdrom = drive.disk.disk_format == "iso" and boot.kind == "hvm"
        names = [CDROM] if cdrom else []
        names += [prefix + letter for letter in string.ascii_lowercase]
        target = drive.target or next(name for name in names if name not in taken)
        taken.add(target)
        found.append(target)
    return tuple(found)


def text(guest: Guest) -> str:
    """The domain XML of *guest*, valid by libvirt's own schema."""
    domain = etree.Element("domain", type=guest.hypervisor)
    _add(domain, "name", guest.name)
    if guest.uuid:
        _add(domain, "uuid", guest.uuid)
    _add(domain, "memory", str(guest.memory // KIB), unit="KiB")
    pinned = {"cpuset": guest.cpus.cpuset} if guest.cpus.cpuset else {}
    _add(domain, "vcpu", str(guest.cpus.count), **pinned)
    if guest.boot.kind == "xen" and not guest.kernel:
        _add(domain, "bootloader", "/usr/bin/pygrub")
    _add_os(domain, guest)
    _add_features(domain, guest)
    _add_cpu(domain, guest.cpus)
    _add(domain, "clock", offset=guest.clock)
    devices = _add(domain, "devices")
    for disk in guest.disks:
        _add_disk(devices, disk)
    virtio = any(disk.target.startswith("vd") for disk in guest.disks)
    for card in guest.networks:
        _add_network(devices, card, virtio=virtio)
    _add_console(devices, guest)
    return str(etree.tostring(domain, encoding="unicode", pretty_print=True))


def _add_os(domain: "etree._Element", guest: Guest) -> None:
    os = _add(domain, "os")
    _add(os, "type", guest.boot.kind, arch=guest.boot.architecture)
    for tag, said in (
        ("kernel", guest.kernel),
        ("initrd", guest.initrd),
        ("cmdline", guest.boot.cmdline if guest.kernel else ""),
    ):
        if said:
            _add(os, tag, said)
    if guest.boot.kind == "hvm":
        _add(os, "boot", dev=guest.boot.device)


def _add_features(domain: "etree._Element", guest: Guest) -> None:
    """Whole machines have ACPI and APIC unless somebody says no, PAE if it is asked for."""
    usual = {"acpi": True, "apic": True} if guest.boot.kind == "hvm" else {}
    wanted = {**usual, **dict(guest.boot.features), **dict.fromkeys(guest.off, False)}
    names = [name for name in ("acpi", "apic", "pae") if wanted.get(name)]
    if names:
        features = _add(domain, "features")
        for name in names:
            _add(features, name)


def _add_cpu(domain: "etree._Element", cpus: Cpus) -> None:
    if not cpus.model and not cpus.topology:
        return
    model, *features = cpus.model.split(",")
    if model == "host":
        cpu = _add(domain, "cpu", mode="host-model")
    elif model:
        cpu = _add(domain, "cpu", mode="custom", match="exact")
        _add(cpu, "model", model)
    else:
        cpu = _add(domain, "cpu")
    if cpus.topology:
        sockets, cores, threads = map(str, cpus.topology)
        _add(cpu, "topology", sockets=sockets, cores=cores, threads=threads)
    for feature in features:
        policy = "disable" if feature.startswith("-") else "require"
        _add(cpu, "feature", policy=policy, name=feature.lstrip("+-"))


def _add_disk(devices: "etree._Element", disk: GuestDisk) -> None:
    bus = next(bus for word, bus in BUSES.items() if disk.target.startswith(word))
    kind = "cdrom" if disk.cdrom else "floppy" if bus == "fdc" else "disk"
    element = _add(devices, "disk", type="file", device=kind)
    _add(element, "driver", name="qemu", type=disk.disk_format)
    _add(element, "source", file=str(disk.path))
    _add(element, "target", dev=disk.target, bus=bus)
    if disk.cdrom:
        _add(element, "readonly")


def _add_network(devices: "etree._Element", card: Network, *, virtio: bool) -> None:
    interface = _add(devices, "interface", type=card.kind)
    if card.mac:
        _add(interface, "mac", address=card.mac)
    if card.source:
        _add(interface, "source", **{card.kind: card.source})
    model = card.model or ("virtio" if virtio else "")
    if model:
        _add(interface, "model", type=model)


def _add_console(devices: "etree._Element", guest: Guest) -> None:
    if guest.boot.kind == "xen":
        _add(_add(devices, "console", type="pty"), "target", type="xen", port="0")
    else:
        _add(_add(devices, "serial", type="pty"), "target", port="0")
        _add(_add(devices, "console", type="pty"), "target", type="serial", port="0")
    how = guest.graphics
    if how.kind == "none":
        return
    words = {"type": how.kind}
    if how.kind != "sdl":
        words |= {"port": how.port} if how.port else {"port": "-1", "autoport": "yes"}
        words |= {"listen": how.listen} if how.listen else {}
        words |= {"keymap": how.keymap} if how.keymap else {}
    _add(devices, "graphics", **words)


def _pairs(words: list[str], known: tuple[str, ...], what: str) -> dict[str, str]:
    pairs = dict(word.partition("=")[::2] for word in words)
    for key in pairs:
        if key not in known:
            raise RequestError(f"{what}: nothing knows '{key}' here", hint=", ".join(known))
    return pairs


def _add(parent: "etree._Element", tag: str, text: str = "", **attributes: str) -> "etree._Element":
    child = etree.SubElement(parent, tag, attributes)
    child.text = text or None
    return child
