"""`appliance plan`: show what a build would do, and make nothing."""

import argparse

from appliance.cli import request as typed
from appliance.cli.help import Example
from appliance.cli.options import changes, kickstart, leaks, own_files, product, result, telling
from appliance.cli.options.option import add
from appliance.cli.progress import watching
from appliance.creation.create import prepare
from appliance.creation.outlook import Outlook, outlook
from appliance.store.results import Store

JSON = telling.json("the whole plan")
MOST = (
    *(JSON, result.FORMATS, result.FOR, result.DISK_SIZE),
    *(changes.INSTALL, own_files.COPY, kickstart.REPO, kickstart.VAR),
)
EXAMPLES = (
    Example("what the next build will do, and why", "appliance plan web.ks"),
    Example("the same as JSON, for programs", "appliance plan web.ks --json"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "plan",
        help="show the steps of a build, and which will run because of what",
        description="Show every step of a build: whether it will run, and which input changed. "
        "The repositories are asked, but nothing is downloaded or made.",
        most=MOST,
        examples=EXAMPLES,
    )
    add(parser, kickstart.RECIPE, telling.STORE, JSON)
    add(parser, kickstart.STRICT_SCRIPTS, leaks.KEEP_KICKSTART)
    add(parser, *changes.NAMING, changes.CHANGES)
    add(parser, own_files.OWN_FILES)
    add(parser, kickstart.READING, kickstart.PACKAGES, result.DISKS)
    add(parser, product.MACHINE, product.PRODUCT, kickstart.IDENTITY)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Resolve the kickstart and print the steps of a build, as a table or as JSON."""
    request = typed.request(options)
    store = Store(request.store)
    store.open()
    with watching("quiet") as emit:
        plan = prepare(request, store, emit).plan
    print(plan.to_json() if options.json else table(outlook(plan, store)))
    return 0


def table(steps: list[Outlook]) -> str:
    """One line per step: short digest, result, kind, and why it will run."""
    return "\n".join(
        f"{step.digest[:12]}  {step.gives:<20} {step.kind:<16} "
        + (f"will run because {step.why}" if step.why else "is done or not needed")
        + ("" if step.repeatable else "; not repeatable to the bit")
        for step in steps
    )
