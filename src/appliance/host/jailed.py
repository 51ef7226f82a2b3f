"""The command that runs a program in the jail that appliance.host.sandbox builds on an image's
root.

It is not in that package, because the package is a program too, which imports nothing else of
this project so that it starts in milliseconds.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.host import script_network
from appliance.host.sandbox import HANDED_IN, PROGRAM
from appliance.work import Jail

RESOLVER = Path("/etc/resolv.conf")


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
    on the terms of *jail*. It has to be run inside sandbox.in_namespace(), with handed_in() in its
    own environment.

    *tools* is the root whose programs are beside the image; empty for this machine's. *seconds*
    is how long the program may take if the jail is limited; 0: it may take as long, and as much
    of the machine, as it likes.
    """
    own = jail.network == script_network.OWN
    binds = [(*item, False) for item in jail.binds] + [(*item, True) for item in jail.writable]
    terms = {
        "root": str(root),
        "environment": dict(environment),
        "network": jail.network,
        "gateways": script_network.gateways() if own else [],
        "name_servers": _servers(own=own) if jail.network else "",
        "outside": jail.outside,
        "furnished": jail.furnished,
        "binds": [[str(source), place, writable] for source, place, writable in binds],
        "tools": tools,
        "devices": [list(device) for device in jail.devices],
        "directory": jail.directory,
        "seconds": seconds if jail.limited else 0,
        "handed_in": [name for name, _ in jail.secrets],
    }
    return [*PROGRAM, "jail", json.dumps(terms, sort_keys=True), "--", *map(str, argv)]


def handed_in(jail: Jail) -> dict[str, str]:
    """Return the environment that the command of in_jail() has to be given: the secrets of *jail*,
    under names that mean nothing to any program on the way."""
    return {f"{HANDED_IN}{name}": value for name, value in jail.secrets}


def _servers(*, own: bool) -> str:
    """Return what resolv.conf has to say in the jail's network."""
    text = RESOLVER.read_text() if RESOLVER.exists() else ""
    return script_network.name_servers(text) if own else text
