"""Namespaces and mounts: the one a build runs in, and the tighter one for strangers' scripts.

This package is also a program of its own that imports nothing but itself and the standard
library, so that `python -I -S sandbox/` starts in milliseconds and sees none of the caller's
environment:

    sandbox build -- PROGRAM ...          a namespace in which a build may mount what it likes
    sandbox jail TERMS_JSON -- PROGRAM    a jail on an image's root, for package scripts, %post
    sandbox tools ROOT PLACE ... -- PROGRAM    a program of another root file system
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.host.sandbox.here import enter_here
from appliance.host.sandbox.kernel import (
    REFUSED,
    RefusalError,
    bind,
    lift,
    mount_draft,
    mount_empty,
)

__all__ = [
    "REFUSED", "RefusalError", "bind", "enter_here", "in_jail", "in_namespace", "in_tools", "lift",
    "mount_draft", "mount_empty", "with_tools",
]  # fmt: skip
PROGRAM = (sys.executable, "-I", "-S", str(Path(__file__).parent))


def in_namespace(argv: Sequence[str | Path]) -> list[str]:
    """Return the command that runs *argv* as root of a namespace of its own.

    As root: mount and PID namespaces. As a plain user: a user namespace with the user's
    subordinate ids besides. When that command is killed, so is all that it started, and the
    kernel takes every mount back.
    """
    return [*PROGRAM, "build", "--", *map(str, argv)]


def in_jail(  # noqa: PLR0913 - each is a term of the jail
    argv: Sequence[str | Path],
    *,
    root: Path,
    environment: Mapping[str, str],
    network: bool = False,
    outside: bool = False,
    furnished: bool = False,
    binds: Sequence[tuple[Path, str, bool]] = (),
    tools: str = "",
    devices: Sequence[tuple[str, str]] = (),
    seconds: int = 0,
) -> list[str]:
    """Return the command that runs *argv* in a jail on the tree *root*, with *environment* only.

    *binds* are directories, each with its place inside and whether it may be written to; *tools*
    is the root whose programs are beside the image, empty: this machine's; *seconds* 0: it may
    take as long, and as much, as it likes; for the rest see appliance.work.Jail. To be run inside
    in_namespace().
    """
    terms = {
        "root": str(root),
        "environment": dict(environment),
        "network": network,
        "outside": outside,
        "furnished": furnished,
        "binds": [[str(source), place, writable] for source, place, writable in binds],
        "tools": tools,
        "devices": [list(device) for device in devices],
        "seconds": seconds,
    }
    return [*PROGRAM, "jail", json.dumps(terms, sort_keys=True), "--", *map(str, argv)]


def in_tools(
    argv: Sequence[str | Path], root: str | Path, *, places: Sequence[Path] = ()
) -> list[str]:
    """Return the command that runs *argv* with the programs of another root file system.

    Its /usr and /etc are those of *root* (with this machine's names of others in a network) and
    read-only; its /tmp, /run and /var are empty; the files and directories *places* are where
    they are, and may be written to; the working directory stays if it is below one of them. To be
    run inside in_namespace().
    """
    words = [str(place) for place in places]
    return [*PROGRAM, "tools", str(root), *words, "--", *map(str, argv)]


def with_tools(argv: Sequence[str | Path], root: str, *, places: Sequence[Path] = ()) -> list[str]:
    """Return the command that runs *argv* as in_tools() says, in a namespace of its own; with no
    *root*, *argv* itself."""
    words = [str(word) for word in argv]
    return in_namespace(in_tools(words, root, places=places)) if root else words
