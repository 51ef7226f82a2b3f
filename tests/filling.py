"""Trees with everything that a file can be, and the hands of a step to fill filesystems with."""

import contextlib
import hashlib
import os
import shutil
import socket
import stat
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from appliance.backends.filesystems.model import Partition
from appliance.creation import tools_root
from appliance.engine.hands import Hands, Tree
from appliance.engine.run_plan import Manner
from appliance.errors import HostError, SourceError, Where
from appliance.events import Event, Noted
from appliance.recipe.repository_options import RepositoryOptions
from appliance.store.results import Store
from appliance.units import MIB
from appliance.work.results import DiskImage
from rpm_distribution import core, world
from rpm_distribution.debian import Debian

CLOCK = 1_700_000_000
UUID = "11111111-2222-3333-4444-555555555555"
LONG = "n" * 255
ODD = 'odd name\nwith \\ back"slash, tab\t and ünïcode'
OLD, NEW = -468_096_832_876_543_211, 1_609_556_645_987_654_321  # 1955 and 2021, in nanoseconds
CAPABILITY = struct.pack("<IIIII", 0x02000001, 0x2000, 0, 0, 0)  # cap_net_raw+ep, revision 2
NOBODY = 0xFFFFFFFF
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *entry)
    for entry in ((1, 6, NOBODY), (2, 6, 1234), (4, 4, NOBODY), (16, 6, NOBODY), (32, 4, NOBODY))
)  # user::rw-, user:1234:rw-, group::r--, mask::rw-, other::r--: posix_acl_xattr.h
LABEL = b"system_u:object_r:bin_t:s0\0"


def odd_tree(place: Path, *, devices: bool = False) -> Path:
    """Make a tree with a file of every kind at *place*; for root only."""
    for name in ("bin", "etc", "deep/a/b", "empty", ".hidden"):
        (place / name).mkdir(parents=True)
    (place / "bin/ping").write_bytes(os.urandom(35_000))
    os.setxattr(place / "bin/ping", "security.capability", CAPABILITY)
    os.setxattr(place / "bin/ping", "security.selinux", LABEL)
    os.setxattr(place, "security.selinux", LABEL)
    os.setxattr(place / "etc", "security.selinux", LABEL)
    (place / "bin/ping").chmod(0o4755)
    (place / "etc/hostname").write_text("hydrogen\n")
    (place / "etc/again").hardlink_to(place / "etc/hostname")
    os.setxattr(place / "etc/hostname", "user.note", b"words \0 here")
    os.setxattr(place / "etc/hostname", "system.posix_acl_access", ACL)
    os.setxattr(place / "deep", "system.posix_acl_default", ACL)
    os.chown(place / "etc/hostname", 1000, 2000)
    (place / "etc/link").symlink_to("hostname")
    (place / "long-link").symlink_to("0" * 1000)
    (place / LONG).write_text("long\n")
    (place / ODD).write_text("odd\n")
    (place / "-dash").touch()
    os.mkfifo(place / "fifo", 0o640)
    with (place / "sparse").open("wb") as file:
        file.truncate(64 * MIB)
        file.seek(32 * MIB)
        file.write(b"island")
    (place / "large").write_bytes(os.urandom(5 * MIB))
    os.setxattr(place / "large", "user.large", bytes(range(256)) * 8)
    for number in range(700):  # more than one block of a directory
        (place / f"deep/a/file-{number}").write_text(str(number))
    if devices:
        os.mknod(place / "null", 0o20666, os.makedev(1, 3))
        os.mknod(place / "disk", 0o60600, os.makedev(8, 17))
        (place / "disk").chmod(0o660)
    (place / "empty").chmod(0o1777)
    os.chown(place, 1000, 3000)
    place.chmod(0o1775)
    os.utime(place / "etc/hostname", ns=(OLD, OLD))
    for name in ("bin/ping", "fifo", "deep/a/b", "deep", "."):
        os.utime(place / name, ns=(NEW, NEW))
    os.utime(place / "etc/link", ns=(NEW, NEW), follow_symlinks=False)
    return place


def with_socket(tree: Path) -> Path:
    """Add a socket, which archives leave out."""
    with contextlib.chdir(tree), socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    os.utime(tree, ns=(NEW, NEW))
    return tree


@dataclass
class Bench:
    """A directory to work in: *root* is the image's tree, *tools* the root of the programs."""

    place: Path
    root: Path
    tools: str = ""
    said: list[Event] = field(default_factory=list)

    def work(self) -> Hands:
        """The hands of a step, with an empty directory for its scratch files."""
        store = Store(self.place / "store")
        store.open()
        scratch = store.drafts / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        tree = Tree(self.root, store, 1)
        return Hands(
            clock=CLOCK, cores=1, gives=DiskImage("sda"), digests={}, scratch=scratch,
            draft=self.place, passing=Path(), layers=tree, emit=self.said.append, tools=self.tools,
        )  # fmt: skip

    @property
    def notes(self) -> str:
        return "\n".join(event.text for event in self.said if isinstance(event, Noted))

    def disk(self, size: int) -> Path:
        """An empty one, where the programs of other roots see it."""
        work = self.work()
        disk = work.scratch.parent / "disk"
        with disk.open("wb") as file:
            file.truncate(size)
        return disk


def partition(
    size: int, *, way: str = "mkfs", options: str = "", label: str = "", start: int = MIB
) -> Partition:
    """One of a *size*, mounted at /srv."""
    where = Where(Path("web.ks"), 3)
    return Partition(start, size, UUID, label, options, "/srv", where, way=way)


def alone(disk: Path, place: Partition) -> Path:
    """The partition as a file of its own, for programs that know no offset."""
    part = disk.with_name("part")
    part.unlink(missing_ok=True)
    subprocess.run(
        ["dd", f"if={disk}", f"of={part}", f"bs={MIB}", f"skip={place.start // MIB}",
         f"count={place.size // MIB}", "conv=sparse", "status=none"],
        check=True,
    )  # fmt: skip
    return part


def newest_tools() -> str:
    """The root that `--tools auto` makes, kept in the cache of the tests; empty if it cannot be
    made here."""
    store = Store(world.cache().place / "newest-tools")
    store.open()
    try:
        return tools_root.tools_root(
            "auto", RepositoryOptions(), Manner(), store=store, emit=lambda event: None
        )
    except (SourceError, HostError):
        return ""


def kernel_root(place: Path) -> Path:
    """Unpack a kernel of Debian and its modules at *place*; OSError if there is none to be had."""
    debian = Debian(world.cache().place / "debian")
    seeds = core.SEEDS.split()
    debs = debian.fetch(seeds, debian.closure(seeds))
    found = next(path for name, path in debs.items() if name.startswith("linux-image-6"))
    subprocess.run(["dpkg-deb", "-x", found, place], check=True)
    if (place / "usr/lib").exists():
        (place / "lib").symlink_to("usr/lib")
    release = next((place / "lib/modules").iterdir()).name
    subprocess.run(["depmod", "-b", place, release], check=True)
    return place


def attributes(path: Path) -> dict[str, bytes]:
    """The extended attributes of a file, but those of links, which have none that we make."""
    if path.is_symlink():
        return {}
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


def described(path: Path, *, attributed: bool = True) -> tuple[object, ...]:
    """All that one file is, but for its times: kind, mode, owner, content, target, device number
    and, if *attributed*, its extended attributes."""
    status = path.lstat()
    content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
    return (
        stat.S_IFMT(status.st_mode),
        stat.S_IMODE(status.st_mode),
        (status.st_uid, status.st_gid),
        status.st_rdev,
        str(path.readlink()) if path.is_symlink() else "",
        hashlib.sha256(content).hexdigest(),
        tuple(sorted(attributes(path).items())) if attributed else (),
    )


def differing(tree: Path, other: Path, *, attributed: bool = True) -> list[str]:
    """The names, below two trees, of files that are in one only or are not the same in both."""
    names = {
        str((Path(directory) / name).relative_to(top))
        for top in (tree, other)
        for directory, folders, files in os.walk(top)
        for name in (".", *folders, *files)
    }
    return sorted(
        name
        for name in names
        if not all(os.path.lexists(top / name) for top in (tree, other))
        or described(tree / name, attributed=attributed)
        != described(other / name, attributed=attributed)
    )
