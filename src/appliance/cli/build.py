"""`appliance build`: a kickstart in, an appliance out."""

import argparse
import shlex
from pathlib import Path

from appliance.backends import disk_formats
from appliance.cli import request as typed
from appliance.cli.help import Example
from appliance.cli.options import (
    changes,
    kickstart,
    kinds,
    leaks,
    own_files,
    product,
    result,
    telling,
)
from appliance.cli.options.option import Option, add
from appliance.cli.printable import printable
from appliance.cli.results import for_people, reported
from appliance.cli.store_limit import within_limit
from appliance.creation.create import create
from appliance.engine.run_plan import Manner
from appliance.units import show

UPDATE_LOCK = Option(
    ("--update-lock",),
    "ask the repositories what they have now, write that to FILE.lock beside the kickstart, use it",
)
REFRESH_SCRIPTS = Option(
    ("--refresh-scripts",),
    "run those scripts again that reached the network in an earlier build, and all that follows "
    "from them",
)
SHELL = Option(("--shell",), "open a shell in the sandbox of a script that fails, where it failed")
SCRIPT_TIMEOUT = Option(
    ("--script-timeout",), "end a script of the kickstart that takes longer than so many seconds",
    kinds.count("a script needs at least one second", metavar="SECONDS"),
    usual=str(Manner.script_seconds), example="600", default=Manner.script_seconds,
)  # fmt: skip
WORKBENCH = Option(
    ("--workbench",),
    "where the root tree is put together: in memory, on disk (in the store), or auto, which is "
    "memory where it fits",
    kinds.one_of("auto", "memory", "disk"), usual="auto", example="disk", default="auto",
)  # fmt: skip
EXAMPLES = (
    Example("build it into out/web; again, only what has changed since", "appliance build web.ks"),
    Example(
        "for a cloud, and as one OVA",
        "appliance build web.ks --for aws -f vmdk-stream --bundle none,ova",
    ),
    Example(
        "with a package, and with files of your own",
        "appliance build web.ks --install vim --copy site:/srv/www",
    ),
    Example(
        "with a key that lets you in as root",
        "appliance build web.ks --ssh-key ~/.ssh/id_ed25519.pub",
    ),
    Example(
        "an old kickstart, with the packages of a release that is known by name",
        "appliance build old.ks --repo fedora-44",
    ),
    Example(
        "with the newest packages, whose versions web.lock keeps from now on",
        "appliance build web.ks --update-lock",
    ),
)
MOST = (
    *(result.OUTPUT, result.FORMATS, result.FOR, result.PACKAGE, result.DISK_SIZE),
    *(changes.INSTALL, own_files.COPY, kickstart.ROOT_PASSWORD, kickstart.SSH_KEY, kickstart.REPO),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "build",
        help="build an appliance from a kickstart",
        description="Build a bootable appliance from a kickstart: its disks, and what launches "
        "them, in one directory. What was done before is not done again. A FILE.lock beside the "
        "kickstart says exactly which packages to take.",
        most=MOST,
        examples=EXAMPLES,
    )
    add(parser, kickstart.RECIPE, telling.STORE, result.OUTPUT, UPDATE_LOCK, REFRESH_SCRIPTS)
    add(parser, *changes.NAMING, changes.FILE_NAME, changes.CHANGES)
    add(parser, telling.json(telling.RESULT), telling.EVENTS, telling.QUIET, telling.VERBOSE)
    add(parser, kickstart.STRICT_SCRIPTS, SHELL, SCRIPT_TIMEOUT, telling.JOBS, WORKBENCH)
    add(parser, own_files.OWN_FILES, leaks.LEAKS)
    add(parser, kickstart.READING, kickstart.PACKAGES, result.DISKS, result.HANDING_OVER)
    add(parser, product.MACHINE, product.PRODUCT, kickstart.IDENTITY)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build the appliance, tell what happens meanwhile, and name the result."""
    with reported("build", options, shared=options.shell) as report:
        with within_limit(options.store, report.emit):
            places = create(typed.request(options), report.emit)
        report.made(places)
    if for_people(options):
        for place in places:
            for image in disk_formats.images(place) if place.is_dir() else (place,):
                print(f"{image}  {show(image.stat().st_blocks * 512)}")
        print(next_line(places[0]))
    return 0


def next_line(place: Path) -> str:
    """What to type next, as a shell takes it."""
    word = shlex.quote(str(place))
    return f"next: appliance run {printable(word)}    or: appliance test {printable(word)}"
