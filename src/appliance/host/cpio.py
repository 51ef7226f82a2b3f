"""Write the cpio archive that a kernel unpacks into its first root, in the format newc.

Facts: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LAST = "TRAILER!!!"
CONSOLE = (5, 1)  # the device that the kernel opens for its first program


@dataclass(frozen=True)
class CpioEntry:
    """One file, directory, link or device of the archive.

    *mode*: its kind and permissions, as stat(2) has them.
    *content*: what a file holds, or the file of ours whose content it gets; where a link leads.
    *device*: the (major, minor) numbers of a device.
    """

    mode: int
    content: bytes | Path = b""
    device: tuple[int, int] = (0, 0)


def directory() -> CpioEntry:
    """Return an entry for a directory, which other entries fill."""
    return CpioEntry(stat.S_IFDIR | 0o755)


def file(content: bytes | Path, mode: int = 0o644) -> CpioEntry:
    """Return an entry for a file that holds *content*: the bytes, or those of the file of ours."""
    return CpioEntry(stat.S_IFREG | mode, content)


def link(target: str) -> CpioEntry:
    """Return an entry for a symbolic link to *target*."""
    return CpioEntry(stat.S_IFLNK | 0o777, target.encode())


def console() -> CpioEntry:
    """Return an entry for the device node /dev/console."""
    return CpioEntry(stat.S_IFCHR | 0o600, device=CONSOLE)


def write(place: Path, entries: Mapping[str, CpioEntry]) -> None:
    """Write *entries* (by path, without a slash in front) and the directories above them to the
    archive *place*: sorted, owned by root, with times of 0, so that the same entries give the same
    bytes."""
    above = {str(parent) for path in entries for parent in Path(path).parents} - {"."}
    everything = {path: directory() for path in above} | dict(entries)
    with place.open("wb") as out:
        for number, path in enumerate(sorted(everything), start=1):
            _put(out, path, everything[path], number)
        _put(out, LAST, CpioEntry(0), 0)


def _put(out: BinaryIO, path: str, entry: CpioEntry, number: int) -> None:
    content = entry.content if isinstance(entry.content, bytes) else entry.content.read_bytes()
    name = path.encode() + b"\0"
    fields = (number, entry.mode, 0, 0, 1, 0, len(content), 0, 0, *entry.device, len(name), 0)
    out.write(b"070701" + "".join(f"{field:08X}" for field in fields).encode() + name)
    out.write(bytes(-(110 + len(name)) % 4) + content + bytes(-len(content) % 4))
