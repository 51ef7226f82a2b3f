"""`appliance build`: a kickstart in, an appliance out."""

import argparse
from pathlib import Path

from appliance.backends import disk_formats
from appliance.cli import request as typed
from appliance.cli import result
from appliance.cli.progress import KINDS, watching
from appliance.engine.create import create
from appliance.engine.run_plan import Manner
from appliance.units import show


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "build",
        help="build an appliance from a kickstart",
        description="Build a bootable appliance from a kickstart: its disks, and what launches "
        "them, in one directory. What was done before is not done again. A FILE.lock beside the "
        "kickstart says exactly which packages to take.",
    )
    typed.add_recipe(parser)
    typed.add_target(parser)
    result.add_packages(parser.add_argument_group("handing over"))
    typed.add_identity(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("out"), metavar="DIR",
        help="where DIR/NAME/ appears (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--update-lock", action="store_true", help="write FILE.lock anew and use it"
    )
    parser.add_argument(
        "--refresh-scripts", action="store_true",
        help="run scripts that had the network again, and what follows from them",
    )  # fmt: skip
    parser.add_argument("--events", choices=KINDS, default="auto", help="how to tell of progress")
    parser.add_argument("-q", "--quiet", action="store_true", help="say only what went wrong")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the tools say")
    parser.add_argument(
        "--shell", action="store_true", help="open a shell in the sandbox where a script fails"
    )
    parser.add_argument(
        "--script-timeout", type=typed.seconds, default=Manner.script_seconds, metavar="SECONDS",
        help="end a script of the kickstart that takes longer (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="cores to use")
    parser.add_argument(
        "--workbench", choices=("auto", "memory", "disk"), default="auto",
        help="where the tree is put together (default: memory, if it fits)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, tell, name the result."""
    kind = "quiet" if options.quiet else options.events
    with watching(kind, verbose=options.verbose, shared=options.shell) as emit:
        places = create(typed.request(options), emit)
    if kind in ("auto", "plain"):
        for place in places:
            for image in disk_formats.images(place) if place.is_dir() else (place,):
                print(f"{image}  {show(image.stat().st_blocks * 512)}")
        print(f"next: appliance run {places[0]}    or: appliance test {places[0]}")
    return 0
