"""The namespace of a build, in which it may mount what it likes.

Facts: namespaces(7), user_namespaces(7), subuid(5).
"""

import contextlib
import os
import pwd
import signal
from pathlib import Path

from appliance.host.sandbox.chroot import is_chroot, keep_mounts_private
from appliance.host.sandbox.kernel import (
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    REFUSED,
    RefusalError,
    die_with_parent,
    exit_status,
    mount,
    unshare,
)


def enter_build(argv: list[str]) -> int:
    """Make the namespace, run *argv* in it, return its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program below decides how to stop
    die_with_parent()
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            unshare(CLONE_NEWNS | CLONE_NEWPID)
            return _as_first_process(argv)
    return _in_user_namespace(argv)


def _in_user_namespace(argv: list[str]) -> int:
    ready, written = os.pipe()
    mapped, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        try:
            unshare(CLONE_NEWUSER)
        except OSError as error:
            os.write(written, str(error).encode())
            os._exit(REFUSED)
        os.write(written, b"ok")
        if os.read(mapped, 1) != b"y":
            os._exit(REFUSED)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        die_with_parent()
        unshare(CLONE_NEWNS | CLONE_NEWPID)
        os._exit(_as_first_process(argv))
    said = os.read(ready, 200).decode()
    if said != "ok":
        os.waitpid(child, 0)
        if is_chroot():
            raise RefusalError(f"in a chroot only root can have a namespace ({said})")
        raise RefusalError(f"this host does not allow user namespaces ({said})")
    map_ids(child)
    os.write(go, b"y")
    return _wait(child)


def map_ids(child: int) -> None:
    """Map root of the process *child* to us, and other ids to our subordinate ones (newuidmap(1)).

    Raises RefusalError if there are none, or if newuidmap refuses.
    """
    if os.geteuid() == 0:
        for kind in ("uid", "gid"):
            extents = [
                line.split() for line in Path(f"/proc/self/{kind}_map").read_text().splitlines()
            ]
            text = "\n".join(f"{inside} {inside} {count}" for inside, _, count in extents)
            Path(f"/proc/{child}/{kind}_map").write_text(text)
        return
    name = pwd.getpwuid(os.geteuid()).pw_name
    for kind, program, own in (
        ("uid", "newuidmap", os.geteuid()),
        ("gid", "newgidmap", os.getegid()),
    ):
        start, count = subordinate(Path(f"/etc/sub{kind}"), name, os.geteuid())
        words = [program, str(child), "0", str(own), "1", "1", str(start), str(count)]
        try:
            status = os.spawnvpe(os.P_WAIT, program, words, {"PATH": "/usr/bin:/bin:/usr/sbin"})
        except OSError:
            status = 127
        if status:
            raise RefusalError(
                f"{program} refused or is not installed (package uidmap or shadow-utils)"
            )


def mapped_ids() -> int:
    """Return the first user or group id that in_namespace() has no place for: a program there can
    give a file to all ids below.

    Raises RefusalError if there are no subordinate ids.
    """
    if os.geteuid() == 0:
        extents = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
        return max(int(inside) + int(count) for inside, _, count in extents)
    name = pwd.getpwuid(os.geteuid()).pw_name
    places = (Path("/etc/subuid"), Path("/etc/subgid"))
    return min(1 + subordinate(place, name, os.geteuid())[1] for place in places)


def subordinate(path: Path, name: str, number: int) -> tuple[int, int]:
    """The first range (its start, its count) of at least 65,535 ids that subuid(5) or subgid(5)
    grants; raises RefusalError if there is none."""
    lines = path.read_text().splitlines() if path.exists() else []
    for words in (line.split(":") for line in lines):
        if len(words) == 3 and words[0] in (name, str(number)) and int(words[2]) >= 65535:
            return int(words[1]), int(words[2])
    raise RefusalError(f"{path} grants {name} no subordinate ids")


def _as_first_process(argv: list[str]) -> int:
    """Fork the first process of the new PID namespace, which becomes *argv*; return its exit
    status."""
    child = os.fork()
    if child == 0:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        keep_mounts_private()
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        os.umask(0o022)
        os.execvp(argv[0], argv)
    return _wait(child)


def _wait(child: int) -> int:
    """Wait for *child*, passing on SIGTERM to it; return its exit status."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    return exit_status(os.waitpid(child, 0)[1])
