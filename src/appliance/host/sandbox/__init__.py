"""The namespace in which a build runs, and the tighter one in which the image's scripts run.

This package is also a program of its own that imports nothing but itself and the standard
library, so that `python -I -S sandbox/` starts in milliseconds and sees none of the caller's
environment:

    sandbox build -- PROGRAM ...          a namespace in which a build may mount what it likes
    sandbox jail TERMS_JSON -- PROGRAM    a jail on an image's root, for package scripts, %post;
                                          appliance.host.jailed writes the terms
    sandbox tools ROOT PLACE ... -- PROGRAM    a program of another root filesystem
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from appliance.host.sandbox.here import enter_here
from appliance.host.sandbox.jail import HANDED_IN
from appliance.host.sandbox.kernel import (
    REFUSED,
    RefusalError,
    bind,
    lift,
    mount_draft,
    mount_empty,
)
from appliance.host.sandbox.namespace import mapped_ids

__all__ = [
    "HANDED_IN", "PROGRAM", "REFUSED", "RefusalError", "bind", "enter_here", "in_namespace",
    "in_tools", "lift", "mapped_ids", "mount_draft", "mount_empty", "with_tools",
]  # fmt: skip
PROGRAM = (sys.executable, "-I", "-S", str(Path(__file__).parent))


def in_namespace(argv: Sequence[str | Path]) -> list[str]:
    """Return the command that runs *argv* as root of a namespace of its own.

    For root these are mount and PID namespaces; for a plain user, a user namespace with the user's
    subordinate ids besides. When that command is killed, so is all that it started, and the
    kernel takes every mount back.
    """
    return [*PROGRAM, "build", "--", *map(str, argv)]


def in_tools(
    argv: Sequence[str | Path], root: str | Path, *, places: Sequence[Path] = ()
) -> list[str]:
    """Return the command that runs *argv* with the programs of another root filesystem.

    The program sees the /usr and /etc of *root*, read-only, but for this machine's hosts and
    resolv.conf; its /tmp, /run and /var are empty; the files and directories *places* are where
    they are, and may be written to; the working directory stays if it is below one of them. The
    command has to be run inside in_namespace().
    """
    words = [str(place) for place in places]
    return [*PROGRAM, "tools", str(root), *words, "--", *map(str, argv)]


def with_tools(argv: Sequence[str | Path], root: str, *, places: Sequence[Path] = ()) -> list[str]:
    """Return the command that runs *argv* with the programs of *root* in a namespace of its own,
    as in_tools() says; if *root* is empty, return *argv* itself."""
    words = [str(word) for word in argv]
    return in_namespace(in_tools(words, root, places=places)) if root else words
