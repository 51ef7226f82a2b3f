"""The command that runs a program in the jail on an image's root; see appliance.host.sandbox.

Apart from the sandbox's own package, because that is a program too, which imports nothing of ours
so that it starts in milliseconds.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.host.sandbox import PROGRAM
from appliance.work import Jail


def in_jail(
    argv: Sequence[str | Path],
    *,
    root: Path,
    environment: Mapping[str, str],
    jail: Jail,
    tools: str = "",
    seconds: int = 0,
) -> list[str]:
    """Return the command that runs *argv* in a jail on the tree *root*, with *environment* only,
    on the terms of *jail*. To be run inside sandbox.in_namespace().

    *tools* is the root whose programs are beside the image, empty: this machine's. *seconds* are
    what it may take if the jail is limited; 0: it may take as long, and as much, as it likes.
    """
    binds = [(*item, False) for item in jail.binds] + [(*item, True) for item in jail.writable]
    terms = {
        "root": str(root),
        "environment": dict(environment),
        "network": jail.network,
        "outside": jail.outside,
        "furnished": jail.furnished,
        "binds": [[str(source), place, writable] for source, place, writable in binds],
        "tools": tools,
        "devices": [list(device) for device in jail.devices],
        "seconds": seconds if jail.limited else 0,
    }
    return [*PROGRAM, "jail", json.dumps(terms, sort_keys=True), "--", *map(str, argv)]
