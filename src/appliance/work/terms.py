"""The terms on which a program runs in the image's root, and the disks of a machine."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Jail:
    """The terms on which a program runs in the sandbox on the image's root: what it sees, and
    what it may take.

    *network*: "own": it has a network of its own, which reaches what the host reaches but not the
        host's loopback; "host": it has the host's; empty: it has not even a loopback device that
        is up.
    *outside*: whether it runs beside the image's root rather than in it: with the tools' /usr
        read-only, the image at /mnt/sysimage, and directories in /tmp, /run and /var that go away
        with it.
    *furnished*: whether the image has its own /proc, /dev, /run and /tmp too when the program is
        outside, for a package manager that runs scripts in the image.
    *binds*: directories of this host that it may read, each with its place inside.
    *writable*: directories of this host that it may also write to, each with its place inside.
    *devices*: names in its /dev, each with what it links to, or empty for a sparse file that looks
        as large as a disk.
    *secrets*: what is in its environment besides, as (name, value), and in no log and on no
        command line.
    *directory*: its working directory, a place inside.
    *limited*: whether it is ended, with a message that says why, when it starts too many
        processes, takes too much memory or runs for too long.
    """

    network: str = ""
    outside: bool = False
    furnished: bool = False
    binds: tuple[tuple[Path, str], ...] = ()
    writable: tuple[tuple[Path, str], ...] = ()
    devices: tuple[tuple[str, str], ...] = ()
    directory: str = "/"
    limited: bool = False
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class MachineDisk:
    """A part of a file that a machine has as its next disk: /dev/vda, /dev/vdb and so on.

    *path*: the file, of this host.
    *start*: the byte of the file at which the disk begins, a multiple of 512.
    *size*: the size of the disk in bytes, a multiple of 512; 0: up to the end of the file.
    *writable*: whether the machine may write to it.
    """

    path: Path
    start: int = 0
    size: int = 0
    writable: bool = True


@dataclass(frozen=True)
class Builder:
    """What tells, where it stands in a file, on which machine an image was built.

    *hosts*: the machine's names.
    *paths*: directories that are called after people, or hold what builds need.
    *proxies*: the addresses of the proxies that it goes through.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
