"""`appliance cache`: show and prune what builds keep."""

import argparse
import json
import time

from appliance.cli import add_store
from appliance.cli.result import size
from appliance.store.prune import prune
from appliance.store.results import Store
from appliance.units import GIB, show

DAY = 24 * 3600  # seconds


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "cache",
        help="show and prune what builds keep",
        description="The store keeps the result of every step, and package files. Everything in "
        "it can be made again; deleting the whole directory is always allowed.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION", title="actions")
    listing = actions.add_parser("list", help="list the results, the longest unused first")
    listing.add_argument("--json", action="store_true", help="for programs")
    pruning = actions.add_parser("prune", help="remove the longest unused until little is left")
    pruning.add_argument(
        "--keep", type=size, default=5 * GIB, metavar="SIZE", help="to keep (default: 5GiB)"
    )
    pruning.add_argument("--all", action="store_true", help="keep nothing")
    for action in (listing, pruning):
        add_store(action)
    listing.set_defaults(run=show_all)
    pruning.set_defaults(run=remove_old)


def show_all(options: argparse.Namespace) -> int:
    """Print what is kept."""
    store = Store(options.store)
    store.open()
    kept = store.kept()
    if options.json:
        print(json.dumps([vars(item) for item in kept], indent=2))
        return 0
    now = time.time()
    for item in kept:
        days = (now - item.used) / DAY
        print(f"{item.digest[:12]}  {item.gives:<20} {show(item.size):>10}  used {days:.0f} d ago")
    packages = sum(path.stat().st_size for path in store.packages.iterdir())
    results = sum(item.size for item in kept)
    print(f"{show(results)} in {len(kept)} results, {show(packages)} in package files")
    return 0


def remove_old(options: argparse.Namespace) -> int:
    """Remove, and say how much."""
    store = Store(options.store)
    store.open()
    freed = prune(store, keep=0 if options.all else options.keep)
    print(f"{show(freed)} freed")
    return 0
