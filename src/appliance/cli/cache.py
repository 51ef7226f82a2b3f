"""`appliance cache`: show and prune what builds keep."""

import argparse
import json
import time
from contextlib import suppress

from appliance.cli.help import Example
from appliance.cli.options import kinds, telling
from appliance.cli.options.option import Option, add
from appliance.cli.printable import printable
from appliance.cli.store_limit import limit
from appliance.store.prune import prune
from appliance.store.results import Store
from appliance.units import GIB, show

DAY = 24 * 3600  # seconds
KEEP = Option(
    ("--keep",), "how much to leave, with its unit; the longest unused goes away first",
    kinds.size("to keep nothing: --all"), usual="5GiB", example="20GiB", default=5 * GIB,
)  # fmt: skip
ALL = Option(("--all",), "keep nothing at all, whatever --keep says")
LISTING = (Example("what there is, and whose it is", "appliance cache list"),)
PRUNING = (
    Example("until 20 GiB are left", "appliance cache prune --keep 20GiB"),
    Example("all of it", "appliance cache prune --all"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "cache",
        help="show and prune what builds keep",
        description="The store keeps the result of every step, and package files. Everything in "
        "it can be made again; deleting the whole directory is always allowed.",
        examples=(*LISTING, *PRUNING),
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    listing = actions.add_parser(
        "list",
        help="list the results, the longest unused first",
        description="List the results that the store keeps, the longest unused first, with their "
        "sizes and the kickstarts that were last built of them, and how much that is in all.",
        examples=LISTING,
    )
    pruning = actions.add_parser(
        "prune",
        help="remove the longest unused until little is left",
        description="Remove results and package files, the longest unused first, until no more "
        "than the size of --keep is left.",
        examples=PRUNING,
    )
    add(listing, telling.json("the list of results"), telling.STORE)
    add(pruning, KEEP, ALL, telling.STORE)
    listing.set_defaults(run=show_all)
    pruning.set_defaults(run=remove_old)


def show_all(options: argparse.Namespace) -> int:
    """Print every result that the store keeps, with its size and its last use, and their sum."""
    store = Store(options.store)
    there = store.results.is_dir()  # looking makes nothing
    kept, names = (store.kept(), recipes(store)) if there else ([], {})
    if options.json:
        said = [{**vars(item), "kickstarts": names.get(item.digest, [])} for item in kept]
        print(json.dumps(said, indent=2))
        return 0
    now = time.time()
    for item in kept:
        days, whose = (now - item.used) / DAY, ", ".join(names.get(item.digest, ("-",)))
        print(
            f"{item.digest[:12]}  {printable(item.gives):<20} {show(item.size):>10}  "
            f"used {days:.0f} d ago  {printable(whose)}"
        )
    packages = sum(path.stat().st_size for path in store.packages.glob("*"))
    results = sum(item.size for item in kept)
    print(f"{show(results)} in {len(kept)} results, {show(packages)} in package files")
    print(f"{show(results + packages)} in all; after a build, at most {show(limit(store.place))}")
    return 0


def recipes(store: Store) -> dict[str, list[str]]:
    """Map digests to the names of the kickstarts whose last builds they are of."""
    found: dict[str, list[str]] = {}
    for path in sorted(store.plans.glob("*.json")):
        with suppress(ValueError, KeyError, TypeError):  # of another version
            for step in json.loads(path.read_text())["steps"]:
                found.setdefault(step["digest"], []).append(path.stem)
    return found


def remove_old(options: argparse.Namespace) -> int:
    """Remove old results from the store, and print how many bytes that freed."""
    store = Store(options.store)
    freed = 0
    if store.results.is_dir():
        store.open()
        freed = prune(store, keep=0 if options.all else options.keep)
    print(f"{show(freed)} freed")
    return 0
