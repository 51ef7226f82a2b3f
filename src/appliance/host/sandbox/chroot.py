"""Make / a mount point where it is none: in a chroot, as `mock` makes one.

In a chroot / is no mount point, so pivot_root(2) refuses, and mounts below / cannot be made
private, that is unseen outside (mount_namespaces(7)). So in a mount namespace of our own we step
out of the chroot, as setns(2) lets root do, make all mounts private there, and come back to the
directory that was our / by pivot_root(2): then it is the root of our namespace, and nothing else
is left in it.
"""

import errno
import os
from pathlib import Path

from appliance.host.sandbox.kernel import (
    CLONE_NEWNS,
    MS_PRIVATE,
    MS_REC,
    RefusalError,
    bind,
    check,
    libc,
    mount,
    pivot,
)


def is_chroot() -> bool:
    """Whether we are in a chroot: / is no mount point, as far as the kernel tells
    (proc_pid_mountinfo(5))."""
    mounts = Path("/proc/self/mountinfo")
    lines = mounts.read_text().splitlines() if mounts.exists() else []
    return bool(lines) and all(line.split()[4] != "/" for line in lines)


def keep_mounts_private() -> None:
    """Let nobody outside this new mount namespace see what is mounted in it.

    Raises RefusalError if we are in a chroot and cannot make it a root of its own.
    """
    try:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        try:
            _make_root_of_chroot()
        except OSError as refusal:
            raise RefusalError(
                f"/ is a directory and no mount point, and cannot be made one: {refusal}"
            ) from refusal


def _make_root_of_chroot() -> None:
    directory = Path.cwd()
    root = os.open("/", os.O_PATH)
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    check(libc.setns(namespace, CLONE_NEWNS), "leave the chroot")  # / is now the namespace's
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    # any directory will do: what it hides goes away with the old root
    place = next(item.path for item in os.scandir("/") if item.is_dir(follow_symlinks=False))
    os.fchdir(root)
    bind(".", place)
    pivot(Path(place))
    os.close(root)
    os.close(namespace)
    if directory.is_dir():
        os.chdir(directory)
