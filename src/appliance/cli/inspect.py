"""`appliance inspect`: say what is in an appliance, whoever made it."""

import argparse
import json

from appliance.cli import inspection_text
from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.inspection.facts import as_json
from appliance.inspection.inspect import SECTIONS, inspect
from appliance.inspection.pages import of_inspection
from appliance.inspection.pages.page import write

WHAT = Option(
    ("what",), "disk image, or bundle (its directory, or in one file), to look into", paths.ANY,
    metavar="IMAGE|DIR", example="out/web",
)  # fmt: skip
SECTION = Option(
    ("--section",), f"tell this alone: {', '.join(SECTIONS)}",
    kinds.one_of(*SECTIONS), usual="all", example="packages", repeat=True, metavar="NAME",
)  # fmt: skip
HTML = Option(
    ("--html",), "write it as a web page, which needs no other file and no network",
    paths.NEW_FILE, usual="it is printed only", example="web.html",
)  # fmt: skip
EXAMPLES = (
    Example("what you got", "appliance inspect out/web"),
    Example(
        "who can log in, and what listens",
        "appliance inspect web.ova --section users --section ports",
    ),
    Example("to look at, with a picture of the sizes", "appliance inspect out/web --html web.html"),
    Example("as a program reads it", "appliance inspect web.qcow2 --json"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "inspect",
        help="say what is in an appliance",
        description="Look into an appliance, whoever made it: its system and how that starts, "
        "disks, packages and their sizes, users, units, ports, files that are of no package or "
        "were changed, keys. Nothing of it is started, nothing is mounted.",
        examples=EXAMPLES,
    )
    add(parser, WHAT, SECTION, HTML, telling.json("all of it"), telling.STORE, KERNEL_ROOT,
        PASSPHRASE)  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look into an appliance and print what is in it."""
    found = inspect(
        given(options.what, options.store),
        tuple(options.section or ()),
        means=means(options),
    )
    if options.html:
        write(of_inspection.report(found), options.html)
    if options.json:
        print(json.dumps(as_json(found), indent=2))
    elif not options.html:
        print("\n".join(inspection_text.lines(found)))
    return 0
