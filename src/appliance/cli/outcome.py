"""What the command line says of the result, as values: formats, machine, product, packages."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from appliance.backends import bundle_formats, launchers
from appliance.backends.launchers import Launcher
from appliance.bundle import purposes
from appliance.bundle.model import Product
from appliance.bundle.purposes import Purpose
from appliance.bundle.sheet import Sheet
from appliance.cli.options.result import USUAL_FORMAT
from appliance.errors import RequestError
from appliance.handover.form import FOLDER, Handover, Signer, holding
from appliance.handover.sheets import sheet_of
from appliance.recipe.own_files import OwnFiles, ShownDirectory
from appliance.units import MIB

USUAL = Sheet(version="1.0", release="1")  # where neither the command line nor a sheet says it


def sheet(options: argparse.Namespace, kickstart: Path) -> Sheet:
    """Return what is said of the machine and the product: the command line counts before the
    product sheet, and that before what is usual."""
    return spoken(options, kickstart).over(USUAL)


def written(options: argparse.Namespace) -> Sheet:
    """Return what the product sheet of a kickstart says, for a command that makes no image."""
    return sheet_of(options.recipe, options.sheet, Sheet())


def spoken(options: argparse.Namespace, kickstart: Path | None = None) -> Sheet:
    """Return what is said of the machine and the product: the command line counts before the sheet
    that it names, or that lies beside the *kickstart*."""
    typed = Sheet(
        version=getattr(options, "image_version", "") or options.product_version,
        memory=options.memory,
        cpus=options.cpus,
        interfaces=options.interfaces,
        firmware=options.firmware,
        disk_bus=options.disk_bus,
        network_card=options.network_card,
        display=options.display,
        os_type=options.os_type,
        eula_file=str(options.eula or ""),
        product=Product(
            name=options.product,
            version=options.product_version,
            vendor=options.vendor,
            url=options.url,
            description=options.description,
            ports=tuple(options.port),
        ),
        files=OwnFiles(
            copies=tuple(getattr(options, "copy", ())),
            shown=tuple(ShownDirectory(str(path)) for path in getattr(options, "files", ())),
        ),
        allowed=tuple(getattr(options, "allow", ())),
    )
    return sheet_of(kickstart, options.sheet, typed)


def places(options: argparse.Namespace) -> tuple[Purpose, ...]:
    """Return the places (`--for`) that the result is made for."""
    return tuple(purposes.find(name) for name in options.purposes)


def formats(options: argparse.Namespace) -> tuple[str, ...]:
    """The disk formats that were asked for, and those that packages and places need besides; the
    usual one if there are none."""
    wanted = [*options.format, *(place.disk_format for place in places(options))]
    for form in packages(options):
        held = () if form == FOLDER else bundle_formats.find(form).formats
        if held and not set(held) & set(wanted):
            wanted.append(held[0])
    return tuple(dict.fromkeys(wanted)) or (USUAL_FORMAT,)


def packages(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the forms in which the result is handed over: those that are said, and a directory
    unless they hold all that was asked for."""
    meant = places(options)
    named = [*getattr(options, "package", []), *(each.package for each in meant)]
    alone = [*options.format, *(each.disk_format for each in meant if not each.package)]
    described = getattr(options, "launcher", [])
    return holding(tuple(dict.fromkeys(form for form in named if form)), alone, described)


def handover(options: argparse.Namespace) -> Handover:
    """Return the form in which the result is handed over, and what goes with it.

    Raises RequestError if only one of the key and the certificate for a signature is given.
    """
    return Handover(
        launchers=_launchers(options.launcher),
        include=tuple(options.include),
        forms=packages(options),
        signer=_signer(options.sign_key, options.sign_certificate),
        file_name=getattr(options, "file_name", Handover.file_name),
        sboms=tuple(dict.fromkeys(getattr(options, "sbom", ()))),
        statement_key=_absolute(getattr(options, "statement_key", None)),
    )


def whole(options: argparse.Namespace) -> int:
    """What the sizes of disks are multiples of, in bytes."""
    return max((place.whole for place in places(options)), default=MIB)


def _absolute(path: Path | None) -> Path | None:
    return path.absolute() if path else None


def _launchers(names: Sequence[str]) -> tuple[Launcher, ...] | None:
    return tuple(map(launchers.find, names)) or None


def _signer(key: Path | None, certificate: Path | None) -> Signer | None:
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        raise RequestError("a signature needs both --sign-key and --sign-certificate")
    return Signer(key.absolute(), certificate.absolute())
