"""`appliance convert`: an image, or an appliance, in other formats."""

import argparse
from pathlib import Path

from appliance.cli import outcome
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import paths, product, result, telling
from appliance.cli.options.option import Option, add
from appliance.cli.results import for_people, reported
from appliance.engine.run_plan import available_cores
from appliance.events import Emit
from appliance.handover.convert import ConversionRequest, convert
from appliance.handover.form import FOLDER
from appliance.host.clock import source_date_epoch
from appliance.intake.received import DISK
from appliance.units import show

IMAGE = Option(
    ("image",),
    "what to convert: a disk image, the directory of a bundle, a bundle in one file, or the file "
    "that describes it (NAME.xml, NAME.ovf, NAME.vmx)",
    paths.ANY, metavar="IMAGE", example="out/web",
)  # fmt: skip
MOST = (
    *(result.DISK_FORMATS, result.FOR, result.PACKAGE, result.CONVERTED_OUTPUT),
    *(result.CONVERTED_NAME, result.FORCE, product.SHEET),
)
EXAMPLES = (
    Example("a disk in another format, beside it", "appliance convert disk.qcow2 -f vmdk"),
    Example(
        "an OVA of others, for libvirt and QEMU",
        "appliance convert theirs.ova -f qcow2 -o converted",
    ),
    Example("an appliance for a cloud", "appliance convert out/web --for azure"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "convert",
        help="give an image other formats",
        description="Write IMAGE in other formats, each compared with it before it is handed over. "
        "Of an appliance all disks are converted, and what launches them is written anew. The same "
        "image gives the same bytes; it stays as it is.",
        most=MOST,
        examples=EXAMPLES,
    )
    add(parser, IMAGE, telling.STORE, result.CONVERTED)
    add(parser, product.CONVERTED_MACHINE, product.CONVERTED_PRODUCT)
    add(parser, telling.json(telling.RESULT), telling.EVENTS, telling.QUIET, telling.JOBS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Convert an image or an appliance, and print the files and directories that came of it."""
    with reported("convert", options) as report:
        places = _converted(options, report.emit)
        report.made(places)
    if for_people(options):
        for place in places:
            files = sorted(place.rglob("*")) if place.is_dir() else [place]
            used = sum(file.stat().st_blocks * 512 for file in files)
            print(f"{place}  {show(used)}")
        for each in outcome.places(options):
            print(f"next: {each.hint}")
    return 0


def _converted(options: argparse.Namespace, emit: Emit) -> tuple[Path, ...]:
    source = given(options.image, options.store)
    handover = outcome.handover(options)
    wanted = ConversionRequest(
        source=source,
        named=options.image,
        output=options.output,
        formats=outcome.formats(options),
        handover=handover,
        places=outcome.places(options),
        spoken=outcome.spoken(options),
        name=options.name,
        cores=options.jobs or available_cores(),
        plain=source.kind == DISK and handover.forms == (FOLDER,),
        force=options.force,
        clock=source_date_epoch(),
    )
    return convert(wanted, emit)
