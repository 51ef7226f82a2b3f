"""`appliance flatten`: write a kickstart with all that it includes, as one file."""

import argparse
import sys
from pathlib import Path

from appliance.cli import request as typed
from appliance.errors import RequestError
from appliance.recipe.reading.flatten import flatten


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "flatten",
        help="write a kickstart with all that it includes",
        description="Write a kickstart as one file: what it includes stands where it is included. "
        "Everything else stays as it is written, passwords too.",
    )
    parser.add_argument("recipe", type=Path, metavar="FILE.ks", help="kickstart file")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write there, instead of printing it"
    )
    typed.add_include_path(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read, write."""
    text = flatten(options.recipe, typed.reading(options))
    if not options.output:
        sys.stdout.write(text)
        return 0
    try:
        options.output.write_text(text)
    except OSError as error:
        problem = f"cannot write {options.output}: {error.strerror}"
        raise RequestError(problem, hint="another -o FILE") from error
    return 0
