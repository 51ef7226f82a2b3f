"""`virt-image`: make a machine of an image's description, with the words of 2007."""

import argparse
import sys
from pathlib import Path
from typing import Any

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
from appliance.cli.parsing import Parser
from appliance.errors import RequestError
from appliance.units import MIB

PROGRAM = "virt-image"


def main(argv: list[str] | None = None) -> int:
    """Do as the words say; return the exit code."""
    options = parser().parse_args(argv)
    return answer(PROGRAM, lambda: run(options))


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    whole = Parser(
        prog=PROGRAM,
        description="Start the machine that IMAGE.xml describes: on libvirt where there is one, "
        "else on QEMU alone, with this terminal as its console. The image's own disks are not "
        "written: the machine has overlays or copies of them, called NAME-TARGET-DISK, beside "
        "them.",
        epilog=EXIT_CODES,
    )
    whole.add_argument(
        "image", type=Path, metavar="IMAGE.xml", help="its description; NAME/NAME.xml is found too"
    )
    whole.add_argument(
        "--connect", default="", metavar="URI", help="the libvirt that shall have it"
    )
    _add_general(whole.add_argument_group("general options"))
    _add_kind(whole.add_argument_group("full and para-virtualization"))
    _add_network(whole.add_argument_group("network"))
    _add_graphics(whole.add_argument_group("graphics"))
    _add_disks(whole.add_argument_group("disks"))
    _add_rest(whole.add_argument_group("other options"))
    return whole


def _add_general(group: Any) -> None:
    group.add_argument("-n", "--name", default="", help="of the machine (default: the image's)")
    group.add_argument(
        "-r", "--ram", type=_count, default=0, metavar="MIB", help="memory (default: the image's)"
    )
    group.add_argument(
        "-u", "--uuid", default="", help="of the machine (default: libvirt's choice)"
    )
    group.add_argument(
        "--vcpus", default="", metavar="N", help="processors, or N,sockets=S,cores=C,threads=T"
    )
    group.add_argument("--check-cpu", action="store_true", help="not more than this machine has")
    group.add_argument("--cpuset", default="", metavar="SET", help="on which of the host's: 0-3,^2")
    group.add_argument(
        "--cpu", default="", metavar="MODEL", help="host, or a model: Nehalem,+vmx,-sse4a"
    )
    group.add_argument(
        "--os-type", default="", metavar="TYPE", help="windows: the clock is in local time"
    )
    group.add_argument(
        "--os-variant", default="", metavar="NAME", help="accepted; the drives' targets say enough"
    )


def _add_kind(group: Any) -> None:
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--hvm", dest="kind", action="store_const", const="hvm", default="",
        help="a whole machine, where the image leaves the choice",
    )  # fmt: skip
    which.add_argument(
        "--paravirt", dest="kind", action="store_const", const="paravirt",
        help="a paravirtual one, of Xen",
    )  # fmt: skip
    group.add_argument(
        "--boot", type=int, metavar="N", help="the <boot> of this index, from 0, and no other"
    )
    group.add_argument("--noacpi", action="store_true", help="without ACPI")
    group.add_argument("--noapic", action="store_true", help="without APIC")


def _add_network(group: Any) -> None:
    group.add_argument(
        "-w", "--network", action="append", default=[], metavar="NETWORK",
        help="network:NAME, bridge:NAME or user, with ,mac=MAC and ,model=MODEL after it, once for "
        "each card (default: the network called default, or user where there is none)",
    )  # fmt: skip
    group.add_argument(
        "-b",
        "--bridge",
        action="append",
        default=[],
        metavar="NAME",
        help="as --network bridge:NAME",
    )
    group.add_argument(
        "-m", "--mac", action="append", default=[], help="of each card in its order; or RANDOM"
    )
    group.add_argument("--nonetworks", action="store_true", help="no card at all")


def _add_graphics(group: Any) -> None:
    group.add_argument(
        "--graphics", default="", metavar="KIND",
        help="vnc, sdl, spice or none, with ,port=N ,listen=ADDRESS ,keymap=NAME after it "
        "(default: vnc if the image has graphics)",
    )  # fmt: skip
    group.add_argument("--vnc", action="store_true", help="as --graphics vnc")
    group.add_argument("--vncport", default="", metavar="PORT")
    group.add_argument("--vnclisten", default="", metavar="ADDRESS")
    group.add_argument("-k", "--keymap", default="", metavar="NAME")
    group.add_argument("--sdl", action="store_true", help="as --graphics sdl")
    group.add_argument("--nographics", action="store_true", help="as --graphics none")


def _add_disks(group: Any) -> None:
    group.add_argument("--skip-checksum", action="store_true", help="do not compare disks first")
    group.add_argument(
        "--in-place", action="store_true", help="let the machine write into the image's own disks"
    )
    group.add_argument(
        "--disks", type=Path, metavar="DIR", help="where the machine's disks go on libvirt"
    )


def _add_rest(group: Any) -> None:
    group.add_argument(
        "-p", "--print", action="store_true", help="print libvirt's XML; make and start nothing"
    )
    group.add_argument(
        "--replace", action="store_true", help="remove a machine of that name, and its disks, first"
    )
    group.add_argument("--noreboot", action="store_true", help="make it, do not start it")
    group.add_argument("-d", "--debug", action="store_true", help="accepted: errors say everything")
    group.add_argument("-q", "--quiet", action="store_true", help="say only what went wrong")
    for word in ("--prompt", "--force"):  # nobody is asked anything
        group.add_argument(word, action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Print, or make and start."""
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
        memory=options.ram * MIB,
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


def _count(text: str) -> int:
    """Argparse type: a whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _nothing(text: str) -> None:
    del text
