"""Options that say what comes out: formats, machine, product, packages."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends import bundle_formats, disk_formats, launchers, tree_formats
from appliance.backends.launchers import Launcher
from appliance.bundle import purposes
from appliance.bundle.model import BIOS, DISK_BUSES, NETWORK_CARDS, UEFI, Port, Product
from appliance.bundle.purposes import Purpose
from appliance.bundle.sheet import PROTOCOLS, Sheet, typed_text
from appliance.errors import RequestError
from appliance.handover.form import FOLDER, Handover, Signer
from appliance.handover.sheets import sheet_of
from appliance.units import MIB, parse_size

USUAL_FORMAT = "qcow2"
USUAL = Sheet(version="1.0", release="1")  # where neither the command line nor a sheet says it


@dataclass(frozen=True)
class Words:
    """Argparse type: one or more words with commas between them, which a shell completes from
    those that are *known*."""

    known: tuple[str, ...]

    def __call__(self, text: str) -> list[str]:
        """The words, known or not: who asks for them says it better than argparse."""
        return [word.strip() for word in text.split(",") if word.strip()]


def whole_number(text: str) -> int:
    """Argparse type: a whole number, one or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def size(text: str) -> int:
    """Argparse type: a size with its unit, in bytes."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def line(text: str) -> str:
    """Argparse type: a text about the product, as a sheet may have it."""
    try:
        return typed_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def port(text: str) -> Port:
    """Argparse type: NUMBER, NUMBER/udp."""
    number, _, protocol = text.partition("/")
    if not number.isdecimal() or not 0 < int(number) < 65536 or protocol not in ("", *PROTOCOLS):
        raise argparse.ArgumentTypeError(f"'{text}' is not NUMBER or NUMBER/udp")
    return Port(int(number), protocol or "tcp")


def add_formats(group: argparse._ActionsContainer, *, trees: bool) -> None:
    """In which formats the disks come, and for whom; with *trees* those of the files alone, too."""
    alone = tuple(tree_formats.KNOWN) if trees else ()
    of_files = f"; of the files alone: {', '.join(alone)}" if alone else ""
    group.add_argument(
        "-f", "--format", type=Words((*disk_formats.KNOWN, *alone)), action="extend", default=[],
        metavar="FORMAT,…",
        help=f"of disks: {', '.join(disk_formats.KNOWN)}{of_files} (default: {USUAL_FORMAT})",
    )  # fmt: skip
    group.add_argument(
        "--for", type=Words(tuple(purposes.KNOWN)), action="extend", default=[],
        dest="purposes", metavar="PLACE,…",
        help=f"what these take, and how: {', '.join(purposes.KNOWN)}",
    )  # fmt: skip


def add_packages(group: argparse._ActionsContainer) -> None:
    """As what the result is handed over."""
    group.add_argument(
        "--package", type=Words((FOLDER, *bundle_formats.KNOWN)), action="extend", default=[],
        metavar="TYPE,…",
        help=f"hand the bundle over as one file: {', '.join(bundle_formats.KNOWN)}; "
        "none (default): as a directory",
    )  # fmt: skip
    group.add_argument(
        "--include", type=Path, action="append", default=[], metavar="FILE|DIR",
        help="hand that over, too (repeatable)",
    )  # fmt: skip
    group.add_argument(
        "--launcher", type=Words(tuple(launchers.KNOWN)), action="extend", default=[],
        metavar="NAME,…",
        help="descriptions to write (default: those that the formats are for): "
        + ", ".join(launchers.KNOWN),
    )  # fmt: skip
    group.add_argument("--sign-key", type=Path, metavar="FILE", help="sign OVF packages: PEM key")
    group.add_argument("--sign-certificate", type=Path, metavar="FILE", help="its certificate")


def add_sheet(command: argparse.ArgumentParser) -> None:
    """What the machine needs and the product is."""
    machine = command.add_argument_group(
        "machine", "What is not said here is read from the product sheet, FILE.toml beside FILE.ks."
    )
    machine.add_argument("--sheet", type=Path, metavar="FILE", help="another product sheet")
    machine.add_argument("--memory", type=size, default=0, metavar="SIZE", help="(default: 1GiB)")
    machine.add_argument("--cpus", type=whole_number, default=0, metavar="N", help="(default: 1)")
    machine.add_argument(
        "--interfaces", type=whole_number, default=0, metavar="N",
        help="network cards (default: as many as the kickstart sets up)",
    )  # fmt: skip
    machine.add_argument("--firmware", default="", choices=(BIOS, UEFI), help="of the machine")
    machine.add_argument("--disk-bus", default="", choices=DISK_BUSES, help="for its disks")
    machine.add_argument("--network-card", default="", choices=NETWORK_CARDS, help="of what kind")
    machine.add_argument(
        "--no-display", action="store_false", default=None, dest="display", help="no screen"
    )
    machine.add_argument(
        "--os-type", type=line, default="", metavar="WORD", help="VMware's, for the guest"
    )
    product = command.add_argument_group("product")
    product.add_argument(
        "--product", type=line, default="", metavar="NAME", help="what people call it"
    )
    product.add_argument(
        "--product-version", type=line, default="", metavar="VERSION", help="(default: 1.0)"
    )
    product.add_argument("--vendor", type=line, default="", metavar="NAME")
    product.add_argument("--url", type=line, default="", help="where more is said of it")
    product.add_argument("--description", type=line, default="", metavar="TEXT")
    product.add_argument("--eula", default="", metavar="FILE", help="text of its licence")
    product.add_argument(
        "--port", type=port, action="append", default=[], metavar="N[/udp]",
        help="that it serves (repeatable)",
    )  # fmt: skip


def sheet(options: argparse.Namespace, kickstart: Path) -> Sheet:
    """What was typed of the machine and the product, over the product sheet, over what is usual."""
    return spoken(options, kickstart).over(USUAL)


def spoken(options: argparse.Namespace, source: Path) -> Sheet:
    """What was typed of the machine and the product, over the sheet of *source*."""
    typed = Sheet(
        version=options.product_version,
        memory=options.memory,
        cpus=options.cpus,
        interfaces=options.interfaces,
        firmware=options.firmware,
        disk_bus=options.disk_bus,
        network_card=options.network_card,
        display=options.display,
        os_type=options.os_type,
        eula_file=options.eula,
        product=Product(
            name=options.product,
            version=options.product_version,
            vendor=options.vendor,
            url=options.url,
            description=options.description,
            ports=tuple(options.port),
        ),
    )
    return sheet_of(source, options.sheet, typed)


def places(options: argparse.Namespace) -> tuple[Purpose, ...]:
    """For which places the result is. Raises RequestError for one that is not known."""
    return tuple(purposes.find(name) for name in options.purposes)


def formats(options: argparse.Namespace) -> tuple[str, ...]:
    """The disk formats that were asked for, and those that packages and places need besides; the
    usual one if there are none. Raises RequestError for one that is not known."""
    named = [_format(name) for name in options.format]
    wanted = [*named, *(place.disk_format for place in places(options))]
    for form in packages(options):
        held = () if form == FOLDER else bundle_formats.find(form).formats
        if held and not set(held) & set(wanted):
            wanted.append(held[0])
    return tuple(dict.fromkeys(wanted)) or (USUAL_FORMAT,)


def _format(name: str) -> str:
    """The name of a format of disks or of files; raises RequestError with the nearest."""
    return name if name in tree_formats.KNOWN else disk_formats.find(name).name


def packages(options: argparse.Namespace) -> tuple[str, ...]:
    """As what it is handed over; a directory unless something else is said. Raises RequestError
    for what is not known."""
    named = [*getattr(options, "package", []), *(each.package for each in places(options))]
    known = [form if form == FOLDER else bundle_formats.find(form).name for form in named if form]
    return tuple(dict.fromkeys(known)) or (FOLDER,)


def handover(options: argparse.Namespace) -> Handover:
    """As what the result is handed over. Raises RequestError for what is not there."""
    for path in options.include:
        if not path.exists():
            raise RequestError(f"--include: there is no {path}")
    return Handover(
        launchers=_launchers(options.launcher),
        include=tuple(options.include),
        forms=packages(options),
        signer=_signer(options.sign_key, options.sign_certificate),
    )


def whole(options: argparse.Namespace) -> int:
    """What the sizes of disks are multiples of, in bytes."""
    return max((place.whole for place in places(options)), default=MIB)


def _launchers(names: Sequence[str]) -> tuple[Launcher, ...] | None:
    return tuple(map(launchers.find, names)) or None


def _signer(key: Path | None, certificate: Path | None) -> Signer | None:
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        raise RequestError("a signature needs both --sign-key and --sign-certificate")
    for path in (key, certificate):
        if not path.is_file():
            raise RequestError(f"there is no {path}")
    return Signer(key.absolute(), certificate.absolute())
