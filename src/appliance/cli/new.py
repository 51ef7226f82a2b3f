"""`appliance new`: begin an appliance, as a directory that builds and passes its test as it is."""

import argparse
import json
from dataclasses import asdict

from appliance.cli.help import Example
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.scaffold.start import VENDOR, Started, start
from appliance.scaffold.templates import BASES, EMPTY, KNOWN

PLACE = Option(
    ("place",), "directory to make; its name becomes the appliance's", paths.ANY, number="?",
    metavar="NAME", example="shop",
)  # fmt: skip
LIKE = Option(
    ("--like",), "what it is; --list says more of each", kinds.one_of(*KNOWN),
    usual=EMPTY, example="web", default=EMPTY,
)  # fmt: skip
FAMILY = Option(
    ("--family",), "what it is made of", kinds.one_of(*BASES),
    usual="this machine's own, else debian", example="fedora", default="",
)  # fmt: skip
VENDOR_NAME = Option(
    ("--vendor",), "who makes it, as people read it", kinds.text(), usual=f"'{VENDOR}'",
    example="'ACME'", default=VENDOR,
)  # fmt: skip
LIST = Option(("--list",), "list what --like knows, instead of making anything")
EXAMPLES = (
    Example("a web server, ready to build", "appliance new shop --like web"),
    Example(
        "a service of your own on Fedora",
        "appliance new orders --like python --family fedora --vendor ACME",
    ),
    Example("what there is to begin with", "appliance new --list"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "new",
        help="begin an appliance: a directory to be changed into yours",
        description="Make a directory with a kickstart, a product sheet, files, a check script, a "
        "README, and what GitLab's and GitHub's CI need to build and test it. All of it runs as it "
        "is, and says in comments what to change. Without --like it is the AOS with a name.",
        examples=EXAMPLES,
    )
    add(parser, PLACE, LIKE, FAMILY, VENDOR_NAME, telling.json("what was made"), LIST)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the directory, and say what to type next."""
    if options.list:
        print(kinds_text(options.json))
        return 0
    if options.place is None:
        raise RequestError("what is it called?", hint="appliance new shop --like web")
    made = start(options.place, kind=options.like, family=options.family, vendor=options.vendor)
    print(json.dumps(asdict(made), indent=2) if options.json else text(made))
    return 0


def text(made: Started) -> str:
    """What was made, and what to type next, for people."""
    files = "\n".join(f"  {printable(file)}" for file in made.files)
    said = "\n".join(f"  {printable(line)}" for line in made.next)
    return f"{printable(made.directory)}: {made.kind}, on {made.family}\n{files}\nnext:\n{said}"


def kinds_text(as_json: bool) -> str:
    """Return what there is to begin with, as JSON or as one line each."""
    if as_json:
        return json.dumps([asdict(kind) for kind in KNOWN.values()], indent=2)
    return "\n".join(f"{kind.name:16} {kind.text}" for kind in KNOWN.values())
