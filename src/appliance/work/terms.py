"""On which terms a program runs in the image's root, or in a machine."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Jail:
    """How far a script may see: the terms under which a program runs in the image's root.

    *outside* False: the program runs in the root itself. True: it runs beside it, with the
    tools' /usr read-only, the root at /mnt/sysimage, and room in /tmp, /run and /var that goes
    away with it. With *furnished* the root has its own /proc, /dev, /run and /tmp there too, for
    a package manager that runs scripts in it. *binds* maps directories to places inside, which
    are read-only; *writable* the same, to be written to. Without *network* there is not even a
    loopback device. *devices* are in /dev: names, each with what it links to, or empty for a file
    as large as a disk that holds next to nothing. *limited*: the program is ended, with a word
    that says why, when it starts too many processes, takes too much memory or too long.
    """

    network: bool = False
    outside: bool = False
    furnished: bool = False
    binds: tuple[tuple[Path, str], ...] = ()
    writable: tuple[tuple[Path, str], ...] = ()
    devices: tuple[tuple[str, str], ...] = ()
    limited: bool = False


@dataclass(frozen=True)
class MachineDisk:
    """What a machine has as its next disk (/dev/vda, /dev/vdb, ...): *size* bytes of the file
    *path*, from *start*; *size* 0: all that is left of it. A whole number of sectors."""

    path: Path
    start: int = 0
    size: int = 0
    writable: bool = True
