"""System calls that Python 3.11 lacks, and the constants that they take.

Facts: mount(2), unshare(2), prctl(2), pivot_root(2), capabilities(7).
"""

import ctypes
import os
import signal
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000  # its flags are the MS_ ones above
REFUSED = 125  # exit status: this host does not let us; standard error says why

# the same numbers on every architecture (landlock(7))
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET = 1
libc = ctypes.CDLL(None, use_errno=True)


class RefusalError(Exception):
    """The host does not allow what we need; the text says what to change."""


def mount_draft(place: Path, *, in_memory: bool, size: int) -> None:
    """Give a build its workbench at *place*: a tmpfs of at most *size* bytes, or the disk.

    Devices in it do not work, so that no script can reach one of the host's.
    """
    if in_memory:
        mount("tmpfs", place, "tmpfs", MS_NODEV, f"mode=755,size={size},nr_inodes=0")
    else:
        bind(place, place, MS_NODEV)


def mount_empty(place: Path, source: Path) -> None:
    """Hide what is below *place* behind *source*, until lift()."""
    bind(source, place)


def lift(place: Path) -> None:
    """Unmount what is mounted at *place*, as mount_empty() or mount_draft() did."""
    check(libc.umount2(os.fsencode(place), MNT_DETACH), f"umount {place}")


def mount(
    source: str, target: str | Path, kind: str | None, flags: int = 0, options: str = ""
) -> None:
    """Mount something, with the arguments of the system call; raises OSError."""
    result = libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    check(result, f"mount {target}")


def bind(source: str | Path, target: str | Path, flags: int = 0) -> None:
    """Show *source* at *target* too, with all that is mounted below it. The mount *flags* hold for
    all of these mounts where the kernel can do that (mount_setattr(2)), else for the top one."""
    mount(str(source), target, None, MS_BIND | MS_REC)
    if flags:
        words = (ctypes.c_uint64 * 4)(flags)  # struct mount_attr: what to set, and three zeros
        size = ctypes.c_size_t(ctypes.sizeof(words))
        place = os.fsencode(target)
        if libc.syscall(MOUNT_SETATTR, AT_FDCWD, place, AT_RECURSIVE, words, size):
            mount("none", target, None, MS_BIND | MS_REMOUNT | flags | _locked_flags(target))


def _locked_flags(target: str | Path) -> int:
    """The flags that a mount has already: a user namespace may not drop them (mount(2), EPERM)."""
    now = os.statvfs(target).f_flag
    return now & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def check(result: int, what: str) -> None:
    """Raise OSError if the *result* of a system call is not 0; *what* says what it was to do."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave some of our namespaces for new ones; raises OSError."""
    check(libc.unshare(flags), "unshare")


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent process ends; it forgets that whenever
    credentials change (prctl(2))."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forget_words() -> None:
    """Empty the words and the environment that this process was started with, which its children
    could read in /proc (proc(5): cmdline, environ); they hold paths of this machine."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    words, environment = fields[45:47], fields[47:49]  # arg_start, arg_end, env_start, env_end
    for start, end in (map(int, words), map(int, environment)):
        if 0 < start < end:
            ctypes.memset(start, 0, end - start)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # nor may they look at its files and memory


def keep_to_own_sockets() -> bool:
    """Let this process and what it starts connect to no abstract socket (unix(7)) but their own:
    such sockets have no place in a filesystem, so all who share a network reach them.

    It cannot be undone, and needs PR_SET_NO_NEW_PRIVS before. False if the kernel cannot do it:
    Landlock does from Linux 6.12 on, where it is enabled.
    """
    words = (ctypes.c_uint64 * 3)(0, 0, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)
    size = ctypes.c_size_t(ctypes.sizeof(words))
    rules = libc.syscall(LANDLOCK_CREATE_RULESET, words, size, 0)
    if rules < 0:
        return False
    done = libc.syscall(LANDLOCK_RESTRICT_SELF, rules, 0)
    os.close(rules)
    return int(done) == 0


def pivot(root: Path) -> None:
    """Make *root*, a mount point, the root, and forget the old one (pivot_root(2), "pivot_root(".",
    ".")"); the working directory is the new root."""
    os.chdir(root)
    number = PIVOT_ROOT[os.uname().machine]
    check(libc.syscall(number, b".", b"."), "pivot_root")
    lift(Path())
    os.chdir("/")


def exit_status(waited: int) -> int:
    """Return the exit status that a shell gives for the status *waited* of os.waitpid(): 128 and
    the signal's number for a process that a signal killed."""
    code = os.waitstatus_to_exitcode(waited)
    return 128 - code if code < 0 else code


def held(place: str | Path) -> Path:
    """Open *place*, and return another name of it that stays good when something is mounted over
    it."""
    return Path(f"/proc/self/fd/{os.open(place, os.O_PATH)}")
