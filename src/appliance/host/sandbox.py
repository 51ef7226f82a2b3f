"""Namespaces and mounts: the one a build runs in, and the tighter one for strangers' scripts.

This file is also a program of its own that imports nothing but the standard library, so that
`python -I -S sandbox.py` starts in milliseconds and sees none of the caller's environment:

    sandbox.py build -- PROGRAM ...          a namespace in which a build may mount what it likes
    sandbox.py jail TERMS_JSON -- PROGRAM    a jail on an image's root, for package scripts, %post

Facts: namespaces(7), user_namespaces(7), pivot_root(2), capabilities(7), subuid(5).
"""

import contextlib
import ctypes
import json
import os
import pwd
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

REFUSED = 125  # exit status: this host does not let us; standard error says why

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
LAST_CAPABILITY = 40
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}

# What maintainer scripts need and no more. Not MKNOD (a script could make /dev/sda and write to
# it), not SYS_ADMIN, not DAC_READ_SEARCH (open_by_handle_at(2) reaches files outside the root).
# AUDIT_WRITE: without it PAM refuses root (pam_audit).
KEPT_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 29, 31}

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
KERNEL_KNOBS = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")

libc = ctypes.CDLL(None, use_errno=True)


class RefusalError(Exception):
    """The host does not allow what we need; the text says what to change."""


def in_namespace(argv: Sequence[str | Path]) -> list[str]:
    """Return the command that runs *argv* as root of a namespace of its own.

    As root: mount and PID namespaces. As a plain user: a user namespace with the user's
    subordinate ids besides. When that command is killed, so is all that it started, and the
    kernel takes every mount back.
    """
    return [sys.executable, "-I", "-S", __file__, "build", "--", *map(str, argv)]


def in_jail(argv: Sequence[str | Path], terms: Mapping[str, object]) -> list[str]:
    """Return the command that runs *argv* in a jail on an image's root.

    *terms*: root (the tree), network, outside (bools), directory (or None), binds (pairs of
    a directory and its place inside). To be run inside in_namespace().
    """
    text = json.dumps(terms, sort_keys=True)
    return [sys.executable, "-I", "-S", __file__, "jail", text, "--", *map(str, argv)]


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
    """Undo mount_empty() or mount_draft()."""
    _check(libc.umount2(os.fsencode(place), MNT_DETACH), f"umount {place}")


def mount(
    source: str, target: str | Path, kind: str | None, flags: int = 0, options: str = ""
) -> None:
    """Mount something, with the arguments of the system call; raises OSError."""
    result = libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    _check(result, f"mount {target}")


def bind(source: str | Path, target: str | Path, flags: int = 0) -> None:
    """Show *source* at *target* too, with all that is mounted below it."""
    mount(str(source), target, None, MS_BIND | MS_REC)
    if flags:
        mount("none", target, None, MS_BIND | MS_REMOUNT | flags | _locked_flags(target))


def _locked_flags(target: str | Path) -> int:
    """The flags a mount has already: a user namespace may not drop them (mount(2), EPERM)."""
    now = os.statvfs(target).f_flag
    return now & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave some of our namespaces for new ones; raises OSError."""
    _check(libc.unshare(flags), "unshare")


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent ends; forgotten whenever credentials change (prctl(2))."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


# --- the namespace of a build


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
        raise RefusalError(f"this host does not allow user namespaces ({said})")
    _map_ids(child)
    os.write(go, b"y")
    return _wait(child)


def _map_ids(child: int) -> None:
    """Map root to us and the other ids to our subordinate ones (newuidmap(1))."""
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
        start, count = _subordinate(Path(f"/etc/sub{kind}"), name, os.geteuid())
        words = [program, str(child), "0", str(own), "1", "1", str(start), str(count)]
        try:
            status = os.spawnvpe(os.P_WAIT, program, words, {"PATH": "/usr/bin:/bin:/usr/sbin"})
        except OSError:
            status = 127
        if status:
            raise RefusalError(
                f"{program} refused or is not installed (package uidmap or shadow-utils)"
            )


def _subordinate(path: Path, name: str, number: int) -> tuple[int, int]:
    """The first range of at least 65,535 ids that subuid(5) or subgid(5) grants."""
    lines = path.read_text().splitlines() if path.exists() else []
    for words in (line.split(":") for line in lines):
        if len(words) == 3 and words[0] in (name, str(number)) and int(words[2]) >= 65535:
            return int(words[1]), int(words[2])
    raise RefusalError(f"{path} grants {name} no subordinate ids")


def _as_first_process(argv: list[str]) -> int:
    """Fork into the new PID namespace and become its first process."""
    child = os.fork()
    if child == 0:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        os.umask(0o022)
        os.execvp(argv[0], argv)
    return _wait(child)


def _wait(child: int) -> int:
    """Wait for *child*, passing on the wish to end."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    return _status(os.waitpid(child, 0)[1])


def _status(waited: int) -> int:
    """An exit status as a shell gives it."""
    code = os.waitstatus_to_exitcode(waited)
    return 128 - code if code < 0 else code


# --- the jail of a script


def enter_jail(terms: dict[str, object], argv: list[str]) -> int:
    """Build the jail around *terms*["root"], run *argv* in it, return its exit status."""
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS
    unshare(flags if terms["network"] else flags | CLONE_NEWNET)
    child = os.fork()
    if child:
        return _status(os.waitpid(child, 0)[1])
    die_with_parent()
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    libc.sethostname(b"localhost", 9)
    tree = Path(str(terms["root"]))
    # opened first: what is mounted below may hide where they are
    binds = [(os.open(source, os.O_PATH), place) for source, place in terms["binds"]]  # type: ignore[attr-defined]
    root = _furnish_outside(tree, terms) if terms["outside"] else tree
    _furnish(root)
    for source, place in binds:
        target = root / place.lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        bind(f"/proc/self/fd/{source}", target, MS_RDONLY)
    _pivot(root)
    os._exit(_as_init(argv))


def _furnish(root: Path) -> None:
    """Give *root* its own /proc, /sys, /dev, /run, /tmp. /sys is empty: the hardware of the
    build host must not shape an image."""
    if root.stat().st_dev == root.parent.stat().st_dev:
        bind(root, root)
    places = {name: root / name for name in ("proc", "sys", "dev", "run", "tmp")}
    for place in places.values():
        place.mkdir(exist_ok=True)
    hidden = MS_NOSUID | MS_NODEV | MS_NOEXEC
    try:
        mount("proc", places["proc"], "proc", hidden)
    except OSError:  # a container that masks parts of /proc lets nobody mount a new one
        bind("/proc", places["proc"])
    for knob in KERNEL_KNOBS:
        if (places["proc"] / knob).exists():
            bind(places["proc"] / knob, places["proc"] / knob, MS_RDONLY | hidden)
    mount("tmpfs", places["sys"], "tmpfs", hidden | MS_RDONLY, "mode=555")
    mount("tmpfs", places["run"], "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    mount("tmpfs", places["tmp"], "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    _devices(places["dev"])
    (places["run"] / "lock").mkdir(mode=0o1777)


def _devices(dev: Path) -> None:
    mount("tmpfs", dev, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755")
    for name in DEVICES:
        (dev / name).touch()
        bind(Path("/dev") / name, dev / name)
    for name, target in DEVICE_LINKS.items():
        (dev / name).symlink_to(target)
    for name in ("pts", "shm"):
        (dev / name).mkdir()
    mount("tmpfs", dev / "shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    with contextlib.suppress(OSError):  # needs gid 5 to be mapped; only terminals miss it
        mount("devpts", dev / "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=666")
        (dev / "ptmx").symlink_to("pts/ptmx")


def _furnish_outside(tree: Path, terms: dict[str, object]) -> Path:
    """A root beside the image's: the host's /usr, what its programs need of /etc, the image at
    /mnt/sysimage and /mnt/sysroot, the working directory where it is; all but the image
    read-only."""
    root = Path("/tmp")  # ours alone: this mount namespace is private
    here = Path(str(terms["directory"])) if terms["directory"] else None
    held = os.open(here, os.O_PATH) if here else -1
    image = os.open(tree, os.O_PATH)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name in ("usr", "etc", "root", "var/tmp", "mnt/sysimage", "mnt/sysroot"):
        (root / name).mkdir(parents=True)
    bind("/usr", root / "usr", MS_RDONLY | MS_NODEV)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        host = Path("/", name)
        if host.is_symlink():
            (root / name).symlink_to(host.readlink())
        elif host.is_dir():
            (root / name).mkdir()
            bind(host, root / name, MS_RDONLY | MS_NODEV)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    wanted = ["alternatives", "ld.so.cache", "mke2fs.conf", "login.defs"]
    wanted += ["resolv.conf", "ssl", "pki"] if terms["network"] else []
    for host in (Path("/etc", name) for name in wanted):
        place = root / "etc" / host.name
        if host.is_dir():
            place.mkdir()
        elif host.exists():
            place.touch()
        if host.exists():
            bind(host.resolve(), place, MS_RDONLY)
    for name in ("mnt/sysimage", "mnt/sysroot"):
        bind(f"/proc/self/fd/{image}", root / name)
    if here and here.parts[1:2] not in (("usr",), ("etc",), ("dev",), ("proc",)):
        place = root / here.relative_to("/")
        place.mkdir(parents=True, exist_ok=True)
        bind(f"/proc/self/fd/{held}", place, MS_RDONLY)
    return root


def _pivot(root: Path) -> None:
    """Make *root* the root, and forget the old one (pivot_root(2), "pivot_root(".", ".")")."""
    os.chdir(root)
    number = PIVOT_ROOT[os.uname().machine]
    _check(libc.syscall(number, b".", b"."), "pivot_root")
    lift(Path())
    os.chdir("/")
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in KEPT_CAPABILITIES:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _as_init(argv: list[str]) -> int:
    """Run *argv*, reap whatever it leaves; the kernel kills the rest when we return."""
    program = os.fork()
    if program == 0:
        if not os.isatty(0):  # so that no script types on the terminal of whoever builds
            os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        try:
            os.execvp(argv[0], argv)
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
            os._exit(127)
    while True:
        pid, waited = os.wait()
        if pid == program:
            return _status(waited)


def main() -> int:
    """Enter what the command line names."""
    words = sys.argv[1:]
    split = words.index("--")
    try:
        if words[0] == "build":
            return enter_build(words[split + 1 :])
        return enter_jail(json.loads(words[1]), words[split + 1 :])
    except (RefusalError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
