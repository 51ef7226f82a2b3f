"""`appliance shell`: look around in an image."""

import argparse
import sys

from appliance.cli.given import given
from appliance.cli.help import Example
from appliance.cli.options import kinds, paths, telling
from appliance.cli.options.option import Option, add
from appliance.cli.options.reading_images import KERNEL_ROOT, PASSPHRASE, means
from appliance.inspection.inside import look
from appliance.store.results import Store

IMAGE = Option(
    ("image",), "disk image, or bundle (its directory, or in one file), to look into", paths.ANY,
    metavar="IMAGE|DIR", example="out/web",
)  # fmt: skip
COMMAND = Option(
    ("words",), "command to run in the image's root, with its own words, instead of a shell",
    kinds.text("COMMAND"), number="*", rest=True, example="ls -l /etc",
)  # fmt: skip
EXAMPLES = (
    Example("look around", "appliance shell out/web"),
    Example("run one command in it", "appliance shell out/web cat /etc/os-release"),
    Example("open what is encrypted", "appliance shell --passphrase ask out/web"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "shell",
        help="look around in an image, in a sandbox",
        description="Open a shell in the root of an image, without starting it and without "
        "mounting anything. What is changed there is forgotten: the image stays as it is. "
        "Set-id bits and file capabilities do not come along.",
        examples=EXAMPLES,
    )
    add(parser, IMAGE, COMMAND, telling.STORE, KERNEL_ROOT, PASSPHRASE)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Say that changes are not kept, then give the terminal to a shell in the image."""
    image = given(options.image, options.store).image
    if not options.words:
        print("What you change here is forgotten; leave with `exit`.", file=sys.stderr)
    return look(image, Store(options.store), options.words, means(options))
