"""What a program in the sandbox finds around it: devices, /proc, a root beside the image."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from appliance.host.sandbox.kernel import (
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    bind,
    held,
    mount,
)

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
KERNEL_KNOBS = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
LENT = "25%"  # of this machine's memory, for what goes away with the jail
WRITTEN = 256 << 20  # bytes that scripts may write to the disks they find
SHOWN = 16 << 30  # bytes that these disks seem to have
OWN = {"proc": 0o555, "sys": 0o555, "dev": 0o755, "run": 0o755, "tmp": 0o1777}  # modes, if made
IMAGES = ("mnt/sysimage", "mnt/sysroot")  # where a program beside the image finds it
STATE = ("var/lib", "var/cache", "var/log", "var/tmp")  # of a package manager, gone with the jail
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr on most systems
CONFIGURATION = ("alternatives", "crypto-policies", "ld.so.cache", "login.defs", "mke2fs.conf")
KEYS = ("ssl", "pki")  # whom to believe in a network


def furnish(root: Path) -> None:
    """Give *root* its own /proc, /sys, /dev, /run and /tmp. Its /sys is empty: the hardware of the
    build host must not shape an image."""
    if root.stat().st_dev == root.parent.stat().st_dev:
        bind(root, root)
    places = {name: root / name for name in OWN}
    for name, place in places.items():
        if not place.is_dir():
            place.mkdir()
            place.chmod(OWN[name])
    hidden = MS_NOSUID | MS_NODEV | MS_NOEXEC
    try:
        mount("proc", places["proc"], "proc", hidden)
    except OSError:  # a container that masks parts of /proc lets nobody mount a new one
        bind("/proc", places["proc"])
    for knob in KERNEL_KNOBS:
        if (places["proc"] / knob).exists():
            bind(places["proc"] / knob, places["proc"] / knob, MS_RDONLY | hidden)
    mount("tmpfs", places["sys"], "tmpfs", hidden | MS_RDONLY, "mode=555")
    mount("tmpfs", places["run"], "tmpfs", MS_NOSUID | MS_NODEV, f"mode=755,size={LENT}")
    mount("tmpfs", places["tmp"], "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    devices(places["dev"])
    (places["run"] / "lock").mkdir(mode=0o1777)


def devices(dev: Path) -> None:
    """Make the directory *dev* a /dev with what every program may expect, and no disk."""
    mount("tmpfs", dev, "tmpfs", MS_NOSUID | MS_NOEXEC, f"mode=755,size={WRITTEN}")
    for name in DEVICES:
        (dev / name).touch()
        bind(Path("/dev") / name, dev / name)
    for name, target in DEVICE_LINKS.items():
        (dev / name).symlink_to(target)
    for name in ("pts", "shm"):
        (dev / name).mkdir()
    mount("tmpfs", dev / "shm", "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={LENT}")
    with contextlib.suppress(OSError):  # needs gid 5 to be mapped; only terminals miss it
        mount("devpts", dev / "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=666")
        (dev / "ptmx").symlink_to("pts/ptmx")


def scratch_disks(dev: Path, names: Sequence[Sequence[str]]) -> None:
    """Add to the /dev at *dev* what scripts take for disks: files that nobody reads, and links.

    *names* are pairs of a name below *dev* and what it links to; empty: it is a file. Names that
    are there already, or lead out of *dev*, are passed over.
    """
    for name, target in names:
        place = dev / name
        if ".." in place.parts or place.is_symlink() or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if target:
            place.symlink_to(target)
        else:
            with place.open("wb") as file:
                file.truncate(SHOWN)
            place.chmod(0o660)


def outer_root(tree: Path, tools: Path, *, servers: str | None, furnished: bool) -> Path:
    """Make a root beside the image *tree*, and return where it is: it has the /usr of the root
    *tools* (that of the host, or another), what its programs need of /etc, the image at
    /mnt/sysimage and /mnt/sysroot, and empty directories for the state of package managers.

    Only the image and these directories can be written to. With *servers*, the text of a
    resolv.conf, it has the certificates to trust, too: it is in a network. With *furnished* the
    image has what furnish() gives, for programs that chroot(2) into it.
    """
    image, tools = held(tree), held(tools)
    root = Path("/tmp")  # ours alone: this mount namespace is private
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name in ("etc", "root", *STATE, *IMAGES):
        (root / name).mkdir(parents=True)
    programs(root, tools)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    for name in (*CONFIGURATION, *(KEYS if servers is not None else ())):
        show(tools / "etc" / name, root / "etc" / name)
    if servers is not None:
        (root / "etc/resolv.conf").write_text(servers)
    first, second = (root / name for name in IMAGES)
    bind(image, first)
    if furnished:
        furnish(first)
    bind(first, second)
    return root


def programs(root: Path, tools: Path) -> None:
    """Show the /usr of the root *tools* in *root*, read-only, and /bin, /lib and so on as they are
    in *tools*: links into /usr, or directories."""
    for name in ("usr", *MERGED):
        theirs = tools / name
        if theirs.is_symlink():
            (root / name).symlink_to(theirs.readlink())
        elif theirs.is_dir():
            (root / name).mkdir()
            bind(theirs, root / name, MS_RDONLY | MS_NODEV)


def show(source: Path, place: Path) -> None:
    """Show the file or directory *source* read-only at *place*, if *source* exists."""
    if source.is_dir():
        place.mkdir()
    elif source.exists():
        place.touch()
    else:
        return
    bind(source, place, MS_RDONLY)
