"""Take the calling process itself into a namespace of its own, for programs that expect to be
root: to mount, and to give files to any user.

Facts: namespaces(7), user_namespaces(7).
"""

import contextlib
import os

from appliance.host.sandbox.chroot import keep_mounts_private
from appliance.host.sandbox.kernel import CLONE_NEWNS, CLONE_NEWUSER, RefusalError, libc, unshare
from appliance.host.sandbox.namespace import map_ids

PR_SET_DUMPABLE = 4  # prctl(2)


def enter_here() -> None:
    """Take this process into a mount namespace, so that nobody outside sees what it and its
    children mount from now on.

    A plain user becomes root of a user namespace with the user's subordinate ids, which the
    process cannot leave. Raises RefusalError if the host does not allow it, or if the process has
    several threads.
    """
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            unshare(CLONE_NEWNS)
            keep_mounts_private()
            return
    _become_root()
    unshare(CLONE_NEWNS)
    keep_mounts_private()


def _become_root() -> None:
    """Become root of a new user namespace. A child process that stays outside maps our ids, which
    nobody may do from inside."""
    unshared, go = os.pipe()
    done, mapped = os.pipe()
    us = os.getpid()
    child = os.fork()
    if child == 0:
        answer = b"no namespace"
        try:
            if os.read(unshared, 1) == b"y":
                map_ids(us)
                answer = b"ok"
        except (RefusalError, OSError) as error:
            answer = str(error).encode()
        finally:
            os.write(mapped, answer)
            os._exit(0)
    try:
        unshare(CLONE_NEWUSER)
    except OSError as error:
        os.write(go, b"n")
        raise RefusalError(f"this host does not allow user namespaces ({error})") from error
    else:
        os.write(go, b"y")
    finally:
        said = os.read(done, 200).decode()
        os.waitpid(child, 0)
        for number in (unshared, go, done, mapped):
            os.close(number)
    if said != "ok":
        raise RefusalError(said)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self belongs to somebody else
