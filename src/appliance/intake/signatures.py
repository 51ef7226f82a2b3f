"""Which format a disk image has, told by its own bytes: no program is started, nothing is guessed.

QEMU's drivers find their images in the same way (the *_probe functions in its block/); here each
format is found before any of them sees the file, and then named to them.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HEAD = 4096  # bytes in which every signature is
FOOTER, COOKIE = 512, b"conectix"  # of a VHD; a fixed one has it at its end only
# A VMDK descriptor without data: comments, then its version (vmdk_probe in QEMU's block/vmdk.c).
DESCRIPTOR = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*version=[1-3]\r?\n")
DESCRIPTOR_MARK = b"# Disk DescriptorFile"


@dataclass(frozen=True)
class Signature:
    """The bytes by which an image in one format is known.

    *driver*: QEMU's driver for the format.
    *magic*: the bytes.
    *place*: where they are in the file, counted in bytes from its beginning.
    """

    driver: str
    magic: bytes
    place: int = 0


KNOWN = (
    Signature("qcow2", b"QFI\xfb\0\0\0\2"),
    Signature("qcow2", b"QFI\xfb\0\0\0\3"),
    Signature("qcow", b"QFI\xfb"),
    Signature("vmdk", b"KDMV"),
    Signature("vmdk", b"COWD"),
    Signature("vmdk", DESCRIPTOR_MARK),
    Signature("vhdx", b"vhdxfile"),
    Signature("vpc", COOKIE),
    Signature("vdi", b"\x7f\x10\xda\xbe", 0x40),
    Signature("qed", b"QED\0"),
    Signature("luks", b"LUKS\xba\xbe"),
    Signature("parallels", b"WithoutFreeSpace"),
    Signature("parallels", b"WithouFreSpacExt"),
    Signature("bochs", b"Bochs Virtual HD Image"),
    Signature("cloop", b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop"),
)


def driver_of(path: Path) -> str:
    """QEMU's name of the format that the bytes of *path* are in; empty if they are in none, as
    those of a raw disk. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return driver_in(file.read(HEAD))


def driver_in(head: bytes) -> str:
    """Return QEMU's name of the format, as the first HEAD bytes of a file tell it; empty if they
    are in none."""
    for each in KNOWN:
        if head.startswith(each.magic, each.place):
            return each.driver
    return "vmdk" if DESCRIPTOR.match(head) else ""


def has_footer(path: Path) -> bool:
    """True if the file ends as a VHD does (Microsoft's "Virtual Hard Disk Image Format
    Specification", Hard Disk Footer). Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return footer(file).startswith(COOKIE)


def footer(file: IO[bytes]) -> bytes:
    """Return the last 512 bytes of the file, or all of it if it is shorter."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - FOOTER))
    return file.read(FOOTER)
