"""`appliance shell`: look around in an image."""

import argparse
import sys
from pathlib import Path

from appliance.cli import add_store
from appliance.knowledge.inside import look
from appliance.store.results import Store


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "shell",
        help="look around in an image, in a sandbox",
        description="Open a shell in the root of an image, without starting it and without "
        "mounting anything. What is changed there is forgotten: the image stays as it is. "
        "Set-id bits and file capabilities do not come along.",
    )
    parser.add_argument("image", type=Path, metavar="IMAGE|DIR", help="disk image or appliance")
    parser.add_argument("words", nargs="*", metavar="COMMAND", help="run this instead of a shell")
    add_store(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Say that nothing is kept, then hand over the terminal."""
    if not options.words:
        print("What you change here is forgotten; leave with `exit`.", file=sys.stderr)
    return look(options.image, Store(options.store), options.words)
