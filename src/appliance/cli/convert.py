"""`appliance convert`: an image, or an appliance, in other formats."""

import argparse
from pathlib import Path

from appliance.cli import add_store, result
from appliance.cli.packages import at_hand
from appliance.cli.progress import KINDS, watching
from appliance.engine.run_plan import available_cores
from appliance.handover.convert import ConversionRequest, convert
from appliance.handover.form import FOLDER
from appliance.packages.resolve import source_date_epoch
from appliance.units import show


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "convert",
        help="give an image other formats",
        description="Write IMAGE in other formats, each compared with it before it is handed over. "
        "Of an appliance (its directory, or the package of it) all disks are converted, and what "
        "launches them is written anew. The same image gives the same bytes; it stays as it is.",
    )
    parser.add_argument("image", type=Path, help="disk image, bundle directory, or its package")
    add_store(parser)
    group = parser.add_argument_group("result")
    result.add_formats(group, trees=False)
    result.add_packages(group)
    group.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR",
        help="where it appears (default: here)",
    )  # fmt: skip
    group.add_argument("-n", "--name", default="", help="of the result (default: the image's)")
    group.add_argument("--force", action="store_true", help="replace images that are there")
    result.add_sheet(parser)
    parser.add_argument("--events", choices=KINDS, default="auto", help="how to tell of progress")
    parser.add_argument("-q", "--quiet", action="store_true", help="say only what went wrong")
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="cores to use")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Convert, name the results."""
    source = at_hand(options.image, options.store)
    handover = result.handover(options)
    wanted = ConversionRequest(
        source=source,
        output=options.output,
        formats=result.formats(options),
        handover=handover,
        places=result.places(options),
        spoken=result.spoken(options, options.image),
        name=options.name,
        cores=options.jobs or available_cores(),
        plain=not source.is_dir() and handover.forms == (FOLDER,),
        force=options.force,
        clock=source_date_epoch() or 0,
    )
    with watching("quiet" if options.quiet else options.events) as emit:
        places = convert(wanted, emit)
    if not options.quiet and options.events != "json":
        for place in places:
            files = sorted(place.rglob("*")) if place.is_dir() else [place]
            used = sum(file.stat().st_blocks * 512 for file in files)
            print(f"{place}  {show(used)}")
        for each in result.places(options):
            print(f"next: {each.hint}")
    return 0
