"""`appliance flatten`: write a kickstart with all that it includes, as one file."""

import argparse
import sys

from appliance.cli import request as typed
from appliance.cli.help import Example
from appliance.cli.options import kickstart, paths
from appliance.cli.options.option import Option, add
from appliance.cli.printable import printable
from appliance.errors import RequestError
from appliance.recipe.reading.flatten import flatten

OUTPUT = Option(
    ("-o", "--output"), "file to write the result to, instead of printing it",
    paths.NEW_FILE, usual="it is printed", example="web.flat.ks",
)  # fmt: skip
EXAMPLES = (
    Example("one file, to hand on or to compare", "appliance flatten web.ks -o web.flat.ks"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "flatten",
        help="write a kickstart with all that it includes",
        description="Write a kickstart as one file: what it includes stands where it is included. "
        "Everything else stays as it is written, passwords too.",
        examples=EXAMPLES,
    )
    add(parser, kickstart.RECIPE, OUTPUT, kickstart.INCLUDES)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the kickstart with all that it includes to a file, or to the standard output.

    Raises RequestError if the file cannot be written.
    """
    text = flatten(
        options.recipe, typed.reading(options), lambda said: print(printable(said), file=sys.stderr)
    )
    if not options.output:
        sys.stdout.write(text)
        return 0
    try:
        options.output.write_text(text)
    except OSError as error:
        problem = f"cannot write {options.output}: {error.strerror}"
        raise RequestError(problem, hint="another -o FILE") from error
    return 0
