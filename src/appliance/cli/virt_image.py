"""`virt-image`: make a machine of an image's description, with the words of 2007."""

import argparse
import sys

from appliance.boot.on_libvirt import domain
from appliance.boot.on_libvirt.domain import Graphics, Network
from appliance.boot.on_libvirt.virt_image_run import (
    KINDS,
    NONE,
    SDL,
    VNC,
    Choices,
    domain_xml,
    launch,
)
from appliance.cli import EXIT_CODES, answer
from appliance.cli.help import Example
from appliance.cli.options.option import add, add_all
from appliance.cli.options.virt_image import (
    BOOT,
    CONNECT,
    DISKS,
    GENERAL,
    GRAPHICS,
    IMAGE,
    KIND,
    NETWORK,
    OTHER,
)
from appliance.cli.parsing import Parser
from appliance.cli.streams import in_utf8
from appliance.errors import RequestError

PROGRAM = "virt-image"

EXAMPLES = (
    Example("start the machine", "virt-image web.xml"),
    Example("what libvirt would be told", "virt-image web.xml --print"),
)


def main(argv: list[str] | None = None) -> int:
    """Run `virt-image` with these arguments; return the exit code."""
    if argv is None:
        in_utf8()
    return answer(PROGRAM, lambda: run(parser().parse_args(argv)))


def parser() -> Parser:
    """Return the parser for the command line of `virt-image`."""
    whole = Parser(
        prog=PROGRAM,
        description="Start the machine that IMAGE.xml describes: on libvirt where there is one, "
        "else on QEMU alone, with this terminal as its console. The image's own disks are not "
        "written: the machine has overlays or copies of them, called NAME-TARGET-DISK, beside "
        "them.",
        epilog=EXIT_CODES,
        examples=EXAMPLES,
    )
    add(whole, IMAGE, CONNECT, GENERAL)
    kind = whole.add_argument_group("full and para-virtualization")
    add_all(kind.add_mutually_exclusive_group(), KIND)
    add_all(kind, BOOT)
    add(whole, NETWORK, GRAPHICS, DISKS, OTHER)
    return whole


def run(options: argparse.Namespace) -> int:
    """Print the machine's libvirt XML, or make and start the machine."""
    wanted = choices(options)
    if options.print:
        print(domain_xml(options.image, wanted), end="")
        return 0
    return launch(options.image, wanted, say=_nothing if options.quiet else _tell)


def choices(options: argparse.Namespace) -> Choices:
    """Everything that was typed; raises RequestError for words that mean nothing."""
    off = {"acpi": options.noacpi, "apic": options.noapic}
    return Choices(
        uri=options.connect,
        name=options.name,
        uuid=domain.uuid(options.uuid) if options.uuid else "",
        memory=options.ram,
        cpus=domain.cpus(options.vcpus) if options.vcpus else None,
        check_cpu=options.check_cpu,
        cpuset=options.cpuset,
        model=options.cpu,
        windows=options.os_type.lower() == "windows",
        off=tuple(name for name, said in off.items() if said),
        networks=_networks(options),
        macs=tuple(domain.mac(text) for text in options.mac),
        graphics=_graphics(options),
        kind=KINDS.get(options.kind, ""),
        boot=options.boot,
        replace=options.replace,
        start=not options.noreboot,
        checksums=not options.skip_checksum,
        in_place=options.in_place,
        directory=options.disks,
    )


def _networks(options: argparse.Namespace) -> tuple[Network, ...] | None:
    """The cards that were asked for; None if nothing was said."""
    cards = [domain.network(text) for text in options.network]
    cards += [Network("bridge", name) for name in options.bridge]
    if options.nonetworks and cards:
        raise RequestError("--nonetworks and networks")
    return tuple(cards) if cards or options.nonetworks else None


def _graphics(options: argparse.Namespace) -> Graphics | None:
    """The screen that was asked for, in old words or new; None if nothing was said."""
    old = {VNC: options.vnc, SDL: options.sdl, NONE: options.nographics}
    said = [kind for kind, given in old.items() if given]
    said += [domain.graphics(options.graphics)] if options.graphics else []
    details = {
        "port": options.vncport, "listen": options.vnclisten, "keymap": options.keymap,
    }  # fmt: skip
    details = {key: text for key, text in details.items() if text}
    if len(said) > 1:
        raise RequestError("one kind of graphics is enough")
    if not said and not details:
        return None
    chosen = said[0] if said else VNC
    return Graphics(**{**vars(chosen), **details})


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _nothing(text: str) -> None:
    del text
