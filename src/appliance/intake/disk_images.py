"""Disk images that came from anywhere: which format they have, and their bytes as a guest sees."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import CommandError, RequestError
from appliance.host import command
from appliance.intake import compressed_disks as compressed

CHAINED = ("qcow", "qcow2", "vmdk")  # formats whose images may name other files
NAMED = (".qcow2", ".qcow", ".vmdk", ".vdi", ".vhd", ".vhdx")  # never raw
FOOTER, COOKIE = 512, b"conectix"
READ = ("raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx", "qcow")  # QEMU's names


@dataclass(frozen=True)
class DiskImage:
    """One image: QEMU's name of its format, and the size of its disk in bytes."""

    path: Path
    driver: str
    size: int


def check(path: Path) -> None:
    """Raise RequestError if *path*, which may be packed, is no file, cannot be read or is empty; if
    it is not packed, as probe()."""
    if not path.is_file():
        raise RequestError(f"{path} is not a file" if path.exists() else f"there is no {path}")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    if empty:
        raise RequestError(f"{path} is empty: no disk image")
    if not compressed.is_packed(path):
        probe(path)


def probe(path: Path) -> DiskImage:
    """Look at the file *path*. Raises RequestError if it is no disk image, or if it names other
    files of this machine, which a copy of it would then hold."""
    try:  # its absolute name: QEMU takes nbd:x for no file
        facts = json.loads(command.run(["qemu-img", "info", "--output=json", path.absolute()]))
    except CommandError as error:
        raise RequestError(f"{path} is no disk image", tail=error.tail[-1:]) from None
    own = facts.get("format-specific", {}).get("data", {})
    named = [facts.get("backing-filename", ""), own.get("data-file", "")]
    named += [extent.get("filename", "") for extent in own.get("extents", ())]
    for name in filter(None, named):
        if (path.parent / name).resolve() != path.resolve():
            raise RequestError(
                f"{path} takes its bytes from another file: {name}",
                hint="if it is yours: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2",
            )
    driver = _meant(path, str(facts["format"]))
    if driver not in READ:
        raise RequestError(f"{path} is a disk in the format {driver}")
    return DiskImage(path, driver, int(facts["virtual-size"]))


def _meant(path: Path, driver: str) -> str:
    """Anything may be raw: what is named otherwise must be what its name says. A fixed VHD says so
    at its end only (Microsoft's "Virtual Hard Disk Image Format Specification", Hard Disk Footer).
    """
    if driver != "raw" or path.suffix not in NAMED:
        return driver
    with path.open("rb") as file:
        file.seek(-min(FOOTER, path.stat().st_size), os.SEEK_END)
        if path.suffix == ".vhd" and file.read(8) == COOKIE:
            return "vpc"
    raise RequestError(
        f"{path} is no {path.suffix[1:]} image",
        hint="if it is the plain bytes of a disk: name it .raw",
    )


def raw_of(path: Path, scratch: Path) -> Path:
    """The disk as a guest sees it: *path* itself, by its absolute name, if it is raw, else a sparse
    file that is made at *scratch*.

    Raises RequestError as probe(), CommandError if the image is damaged.
    """
    if compressed.is_packed(path):
        compressed.unpack(path, scratch)
        return scratch
    image = probe(path)
    if image.driver == "raw":
        return path.absolute()
    words = ["qemu-img", "convert", "-q", "-f", image.driver, "-O", "raw"]
    command.run([*words, path.absolute(), scratch.absolute()])
    return scratch
