"""`appliance lock`: write down exactly which packages a kickstart takes today."""

import argparse
from dataclasses import replace

from appliance.cli import request as typed
from appliance.cli.help import Example
from appliance.cli.options import changes, kickstart, product, telling
from appliance.cli.options.option import add
from appliance.cli.results import for_people, reported
from appliance.creation import create
from appliance.creation.before import read_recipe
from appliance.packages.resolve import lock_path
from appliance.store.results import Store

EXAMPLES = (
    Example("write web.lock, which builds use from now on", "appliance lock web.ks"),
    Example(
        "the packages of one mirror; the lock does not name it",
        "appliance lock web.ks --mirror https://deb.debian.org/debian",
    ),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "lock",
        help="write down exactly which packages a kickstart takes",
        description="Ask the repositories and write FILE.lock beside FILE.ks. Builds use it by "
        "themselves from then on, so that they give the same bits; it names no server.",
        examples=EXAMPLES,
    )
    add(parser, kickstart.RECIPE, telling.STORE, product.SHEET, changes.NAME)
    add(parser, changes.INSTALL, changes.UNBRAND, telling.json(telling.RESULT))
    add(parser, kickstart.READING, kickstart.PACKAGES)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Resolve the kickstart, write the lock, and print how many packages and bytes are in it."""
    with reported("lock", options) as report:
        request = replace(typed.request(options), update_lock=True)
        store = Store(request.store)
        store.open()
        recipe, _ = read_recipe(request, store, report.emit)
        resolved = create.lock(recipe, request, store, report.emit)
        report.made([lock_path(request.kickstart)])
    if for_people(options):
        print(f"{lock_path(request.kickstart)}: {len(resolved.lock.packages)} packages")
    return 0
