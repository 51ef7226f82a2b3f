"""The jail on an image's root, in which package scripts and %post run.

Facts: namespaces(7), capabilities(7), pivot_root(2).
"""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from appliance.host.sandbox.furniture import furnish, outer_root, scratch_disks
from appliance.host.sandbox.kernel import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUTS,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    PR_CAPBSET_DROP,
    PR_SET_NO_NEW_PRIVS,
    bind,
    die_with_parent,
    exit_status,
    held,
    keep_to_own_sockets,
    libc,
    mount,
    pivot,
    unshare,
)
from appliance.host.sandbox.limits import OverstepError, bound, end_all, watch_over

HANDED_IN = "APPLIANCE_HANDED_IN_"  # before the names of secrets, on their way to a program
LAST_CAPABILITY = 40
# What maintainer scripts need and no more. Not MKNOD (a script could make /dev/sda and write to
# it), not SYS_ADMIN, not DAC_READ_SEARCH (open_by_handle_at(2) reaches files outside the root).
# AUDIT_WRITE: without it PAM refuses root (pam_audit).
KEPT_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 29, 31}


def enter_jail(terms: Mapping[str, Any], argv: list[str]) -> int:
    """Build the jail around *terms*["root"], run *argv* in it, return its exit status."""
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS
    unshare(flags if terms["network"] else flags | CLONE_NEWNET)
    child = os.fork()
    if child:
        return exit_status(os.waitpid(child, 0)[1])
    die_with_parent()
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    libc.sethostname(b"localhost", 9)
    root = Path(terms["root"])
    # opened first: what is mounted below may hide where they are
    binds = [(held(source), place, writable) for source, place, writable in terms["binds"]]
    if terms["outside"]:
        tools = Path(terms["tools"] or "/")
        root = outer_root(root, tools, network=terms["network"], furnished=terms["furnished"])
    furnish(root)
    scratch_disks(root / "dev", terms["devices"])
    for source, place, writable in binds:
        target = root / place.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        bind(source, target, 0 if writable else MS_RDONLY)
    pivot(root)
    os.chdir(terms["directory"])
    _renounce()
    handed_in = {name: os.environ[f"{HANDED_IN}{name}"] for name in terms["handed_in"]}
    os._exit(_as_init(argv, {**terms["environment"], **handed_in}, terms["seconds"]))


def _renounce() -> None:
    """Give up for good the capabilities and sockets that no script needs, from the next execve(2)
    on."""
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in KEPT_CAPABILITIES:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    keep_to_own_sockets()  # where the kernel can


def _as_init(argv: list[str], environment: Mapping[str, str], seconds: int) -> int:
    """Run *argv* as the first process of its PID namespace does: reap whatever it leaves, and
    return its exit status; the kernel kills all other processes when we return. It may take
    *seconds*; 0: it has no limits."""
    if seconds:
        try:
            return exit_status(watch_over(lambda: _start(argv, environment, bound), seconds))
        except OverstepError as error:
            return end_all(str(error))
    program = _start(argv, environment, lambda: None)
    while True:
        pid, waited = os.wait()
        if pid == program:
            return exit_status(waited)


def _start(argv: list[str], environment: Mapping[str, str], prepare: Callable[[], None]) -> int:
    program = os.fork()
    if program:
        return program
    prepare()
    if not os.isatty(0):  # so that no script types on the terminal of whoever builds
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], argv, environment)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    os._exit(127)
