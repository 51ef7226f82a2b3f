"""The jail on an image's root, in which package scripts and %post run.

Facts: namespaces(7), capabilities(7), pivot_root(2).
"""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from appliance.host.sandbox import gateway
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
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    REFUSED,
    RefusalError,
    bind,
    die_with_parent,
    exit_status,
    forget_words,
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
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# What maintainer scripts need and no more. Not MKNOD (a script could make /dev/sda and write to
# it), not SYS_ADMIN, not DAC_READ_SEARCH (open_by_handle_at(2) reaches files outside the root).
# AUDIT_WRITE: without it PAM refuses root (pam_audit).
KEPT_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 29, 31}


def enter_jail(terms: Mapping[str, Any], argv: list[str]) -> int:
    """Build the jail around *terms*["root"], run *argv* in it, return its exit status."""
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS
    with gateway.waiting(terms["gateways"]) as gateways:
        unshare(flags if terms["network"] == "host" else flags | CLONE_NEWNET)
        gateway.connect(gateways)
        child = os.fork()
        if child == 0:
            _enter(terms, argv)
        return exit_status(os.waitpid(child, 0)[1])


def _enter(terms: Mapping[str, Any], argv: list[str]) -> NoReturn:
    """Become the first process of the jail's namespaces, and end with the status of *argv*."""
    try:
        die_with_parent()
        proxies = _proxies() if terms["network"] else {}
        handed_in = {name: os.environ[f"{HANDED_IN}{name}"] for name in terms["handed_in"]}
        environment = {**terms["environment"], **proxies, **handed_in}
        _furnish(terms)
        forget_words()
        _renounce()
        os._exit(_as_init(argv, environment, terms["seconds"]))
    except (RefusalError, OSError) as error:
        os.write(2, f"{error}\n".encode())
        os._exit(REFUSED)


def _furnish(terms: Mapping[str, Any]) -> None:
    """Make the jail's root this process's own, with all that *terms* want in it."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    libc.sethostname(b"localhost", 9)
    root = Path(terms["root"])
    # opened first: what is mounted below may hide where they are
    binds = [(held(source), place, writable) for source, place, writable in terms["binds"]]
    if terms["outside"]:
        tools = Path(terms["tools"] or "/")
        servers = terms["name_servers"] if terms["network"] else None
        root = outer_root(root, tools, servers=servers, furnished=terms["furnished"])
    furnish(root)
    scratch_disks(root / "dev", terms["devices"])
    for source, place, writable in binds:
        target = root / place.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        bind(source, target, 0 if writable else MS_RDONLY)
    pivot(root)
    os.chdir(terms["directory"])


def _proxies() -> dict[str, str]:
    """The proxies of this machine's environment, for a script that has the network. They are not
    among the terms, which are logged."""
    return {name: os.environ[name] for name in PROXIES if name in os.environ}


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
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # its own /proc is the program's
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
