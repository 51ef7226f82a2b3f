"""`virt-image`: make a machine of a description, on libvirt where there is one, on QEMU else."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.boot.on_libvirt import daemon, domain, guest_disks
from appliance.boot.on_libvirt.daemon import Capability, Connection
from appliance.boot.on_libvirt.domain import Cpus, Graphics, Guest, Network
from appliance.boot.session import Wishes, run_image
from appliance.bundle.model import Machine
from appliance.bundle.sense import check_size
from appliance.errors import ApplianceError, RequestError
from appliance.host import accelerator
from appliance.intake.digests import check_disks
from appliance.intake.received import startable, virt_image_of
from appliance.intake.virt_image import Boot, VirtImage
from appliance.intake.virt_image_machine import machine_of, whole_boot

Say = Callable[[str], None]
KINDS = {"hvm": "hvm", "paravirt": "xen"}  # what --hvm and --paravirt ask for
USER = Network("user")
DEFAULT_NETWORK = "default"
VNC, SDL, NONE = Graphics("vnc"), Graphics("sdl"), Graphics("none")


@dataclass(frozen=True)
class Choices:
    """What was typed for `virt-image`; empty, None and 0 leave it to the description or libvirt.

    *uri*: the address of the libvirt daemon.
    *name*: the machine's name.
    *uuid*: the machine's UUID.
    *memory*: its memory in bytes.
    *cpus*: its processors.
    *check_cpu*: True to refuse more processors than this host has.
    *cpuset*: on which of the host's processors it runs.
    *model*: its processor's model.
    *windows*: True if its hardware clock shows local time.
    *off*: features that it shall not have: acpi, apic.
    *networks*: its network cards.
    *macs*: hardware addresses for the cards, in their order.
    *graphics*: how its screen is reached.
    *kind*: hvm or xen.
    *boot*: which <boot> of the description is taken, from 0.
    *replace*: True if a machine and files of the same name are replaced.
    *start*: False if the machine is made and not started.
    *checksums*: False if the image's checksums are not compared.
    *in_place*: True if the machine writes into the image's own files.
    *directory*: where the machine's own disks go; None means beside the image's.
    """

    uri: str = ""
    name: str = ""
    uuid: str = ""
    memory: int = 0
    cpus: Cpus | None = None
    check_cpu: bool = False
    cpuset: str = ""
    model: str = ""
    windows: bool = False
    off: tuple[str, ...] = ()
    networks: tuple[Network, ...] | None = None
    macs: tuple[str, ...] = ()
    graphics: Graphics | None = None
    kind: str = ""
    boot: int | None = None
    replace: bool = False
    start: bool = True
    checksums: bool = True
    in_place: bool = False
    directory: Path | None = None


def launch(path: Path, choices: Choices, *, say: Say) -> int:
    """Make and start the machine; with QEMU alone, until it stops. Returns the exit status.

    Raises RequestError for what is wrong with description or choices, HostError without a libvirt
    at the address that was named, CommandError with what virsh complains of.
    """
    description = virt_image_of(path)
    connection = daemon.connect(choices.uri)
    if connection is None:
        return _on_qemu(description, choices, say=say)
    _on_libvirt(connection, description, choices, say=say)
    return 0


def domain_xml(path: Path, choices: Choices) -> str:
    """The libvirt XML that launch() would define; nothing is made, and no libvirt needed."""
    description = virt_image_of(path)
    return _guest(daemon.connect(choices.uri), description, choices)[1]


def _on_libvirt(
    connection: Connection, description: VirtImage, choices: Choices, *, say: Say
) -> None:
    if not connection.is_local:
        raise RequestError(
            f"the disks are on this machine, {connection.uri} is another",
            hint="copy the image there; or --print",
        )
    boot, xml = _guest(connection, description, choices)
    name = choices.name or description.name
    disks = _disks(description, boot, choices)
    if choices.checksums:
        guest_disks.verify(disks, description.path)
    there = connection.has(name)
    if there and not choices.replace:
        raise RequestError(
            f"{connection.uri} has a machine called {name}", hint="--replace, or another --name"
        )
    if there:
        connection.remove(name)
    made = guest_disks.make(disks, replace=choices.replace, say=say)
    try:
        connection.define(xml)
    except BaseException:
        guest_disks.remove(made)
        raise
    say(f"{connection.uri} has a machine called {name}.")
    if choices.start:
        try:
            connection.start(name)
        except BaseException:
            connection.remove(name)
            guest_disks.remove(made)
            raise
        say(f"It runs. Its console: virsh -c {connection.uri} console {name}")


def _on_qemu(description: VirtImage, choices: Choices, *, say: Say) -> int:
    say("No libvirt here: QEMU alone runs it, for as long as this command does.")
    if choices.kind == "xen":
        raise RequestError("only Xen starts paravirtual machines", hint="--hvm, or --connect URI")
    _check_index(description, choices)
    boot = whole_boot(description, choices.boot)
    image = machine_of(description, boot)
    startable(image, boot.where)
    if choices.checksums:
        check_disks(image)
    for word in _unheard(choices):
        say(f"QEMU alone has no {word}: left out")
    window = choices.graphics is not None and choices.graphics.kind != "none"
    image = replace(image, name=choices.name or image.name)
    cards = image.machine.interfaces if choices.networks is None else len(choices.networks)
    _enough_cards(description, cards)
    image = replace(image, machine=replace(image.machine, interfaces=cards))
    if not choices.start:
        say("It is not started, as --noreboot says.")
        return 0
    wishes = Wishes(
        memory=choices.memory,
        cpus=choices.cpus.count if choices.cpus else 0,
        graphics=window,
        persist=choices.in_place,
    )
    return run_image(image, wishes, say=say)


def _unheard(choices: Choices) -> list[str]:
    """Options that mean something to libvirt only."""
    said = {
        "--uuid": choices.uuid,
        "--mac": choices.macs,
        "--cpuset": choices.cpuset,
        "--cpu": choices.model,
        "--noacpi and --noapic": choices.off,
        "--replace": choices.replace,
        "--disks": choices.directory,
    }
    bridged = [card for card in choices.networks or () if card != USER]
    return [word for word, given in {**said, "--network but user": bridged}.items() if given]


def _guest(
    connection: Connection | None, description: VirtImage, choices: Choices
) -> tuple[Boot, str]:
    """The <boot> that is taken, and the domain XML."""
    boot, hypervisor = _choose(connection, description, choices)
    plain = Machine()
    cpus = choices.cpus or Cpus(description.cpus or plain.cpus)
    if choices.check_cpu and cpus.count > (os.cpu_count() or 1):
        raise RequestError(f"{cpus.count} processors: this machine has {os.cpu_count()}")
    if choices.cpuset and not domain.CPUSET.fullmatch(choices.cpuset):
        raise RequestError(f"'{choices.cpuset}' is no set of processors", hint="0-3,^2")
    memory = choices.memory or description.memory or plain.memory
    cards = description.interfaces if choices.networks is None else len(choices.networks)
    check_size(Machine(memory=memory, cpus=cpus.count, interfaces=cards), boot.where)
    guest = Guest(
        name=choices.name or description.name,
        hypervisor=hypervisor,
        boot=boot,
        memory=memory,
        cpus=replace(cpus, cpuset=choices.cpuset, model=choices.model),
        disks=tuple(disk.guest_disk for disk in _disks(description, boot, choices)),
        networks=_networks(connection, description, choices),
        graphics=choices.graphics or (VNC if description.graphics else NONE),
        uuid=choices.uuid,
        kernel=_shipped(description, boot, boot.kernel),
        initrd=_shipped(description, boot, boot.initrd),
        off=choices.off,
        clock="localtime" if choices.windows else "utc",
    )
    return boot, domain.text(guest)


def _disks(description: VirtImage, boot: Boot, choices: Choices) -> tuple[guest_disks.OwnDisk, ...]:
    if not boot.drives:
        raise RequestError("it has no <drive>", where=boot.where)
    guest = choices.name or description.name
    keeping = guest_disks.Keeping(guest, choices.directory, choices.in_place)
    return guest_disks.own_disks(description, boot, domain.targets(boot), keeping)


def _shipped(description: VirtImage, boot: Boot, file: str) -> str:
    """The absolute name of a kernel or initrd; raises RequestError if it is not there."""
    if not file:
        return ""
    if not description.place(file).is_file():
        raise RequestError(f"the file {file} is not there", where=boot.where)
    return str(description.place(file).resolve())


def _choose(
    connection: Connection | None, description: VirtImage, choices: Choices
) -> tuple[Boot, str]:
    """The <boot> that was asked for, or the first that the host can have; and its domain type."""
    _check_index(description, choices)
    boots = description.boots if choices.boot is None else (description.boots[choices.boot],)
    boots = tuple(boot for boot in boots if choices.kind in ("", boot.kind))
    if not boots:
        raise RequestError(f"no <boot> of it is {choices.kind}", hint="leave the option out")
    if connection is None:
        whole = [boot for boot in boots if boot.kind == "hvm"]
        return (whole[0], accelerated()) if whole else (boots[0], "xen")
    capabilities = connection.capabilities()
    for boot in boots:
        for capability in capabilities:
            if _suits(boot, capability):
                return boot, _best(capability, connection)
    wanted = ", ".join(f"{boot.kind} {boot.architecture}" for boot in boots)
    had = ", ".join(f"{each.kind} {each.architecture}" for each in capabilities)
    raise RequestError(
        f"{connection.uri} has no machines of the kind: {wanted}",
        hint=f"it has {had or 'none'}",
        where=boots[0].where,
    )


def _check_index(description: VirtImage, choices: Choices) -> None:
    last = len(description.boots) - 1
    if choices.boot is not None and not 0 <= choices.boot <= last:
        raise RequestError(f"--boot {choices.boot}: the image has 0 to {last}")


def _suits(boot: Boot, capability: Capability) -> bool:
    """True if kind and processor are the same, and the processor has PAE if that is asked for."""
    same = (boot.kind, boot.architecture) == (capability.kind, capability.architecture)
    asked = {name for name, on in boot.features if on}
    # libvirt lists PAE only where a processor may be without it
    return same and (
        "pae" not in asked or boot.architecture != "i686" or "pae" in capability.features
    )


def _best(capability: Capability, connection: Connection) -> str:
    """Return kvm if guests on it live, else the domain type that the host has first."""
    if "kvm" in capability.types and (not connection.is_local or accelerated() == "kvm"):
        return "kvm"
    others = [each for each in capability.types if each != "kvm"]
    return others[0] if others else "kvm"


def accelerated() -> str:
    """Say kvm if guests on it live on this machine, else qemu."""
    try:
        return "kvm" if accelerator.choose().name == "kvm" else "qemu"
    except ApplianceError:  # no QEMU here: somebody else will start it
        return "kvm"


def _networks(
    connection: Connection | None, description: VirtImage, choices: Choices
) -> tuple[Network, ...]:
    """Return as many cards as the image wants, or those that were asked for, with their
    addresses."""
    cards = choices.networks
    if cards is None:
        shared = connection is None or (
            not connection.is_session and connection.has_network(DEFAULT_NETWORK)
        )
        usual = Network("network", DEFAULT_NETWORK) if shared else USER
        cards = (usual,) * max(description.interfaces, len(choices.macs))
    _enough_cards(description, len(cards))
    if len(choices.macs) > len(cards):
        raise RequestError(f"{len(choices.macs)} --mac for {len(cards)} network cards")
    macs = (*choices.macs, *[""] * len(cards))
    return tuple(replace(card, mac=mac or card.mac) for card, mac in zip(cards, macs, strict=False))


def _enough_cards(description: VirtImage, cards: int) -> None:
    if 0 < cards < description.interfaces:
        raise RequestError(
            f"the image needs {description.interfaces} network cards, not {cards}",
            hint="--network once for each",
        )
