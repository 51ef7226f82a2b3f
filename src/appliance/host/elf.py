"""Programs and the libraries that they need, found in any root without running anything.

Facts: elf(5), ld.so(8).
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import HostError
from appliance.host import rooted

MAGIC, BITS_64, LITTLE = b"\x7fELF", 2, 1
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3  # kinds of program headers
END, NEEDED, STRINGS, RPATH, RUNPATH = 0, 1, 5, 15, 29  # tags of the dynamic section
FOLDERS = ("lib64", "usr/lib64", "lib", "usr/lib")


@dataclass(frozen=True)
class Needs:
    """What an ELF file says that it needs in order to run.

    *libraries*: the names of shared libraries (DT_NEEDED).
    *folders*: where to look for them first (DT_RPATH, DT_RUNPATH), maybe with $ORIGIN.
    *loader*: the path of the program that loads it (PT_INTERP); empty for a library.
    """

    libraries: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    loader: str = ""


def needs(path: Path) -> Needs:
    """Read what the 64-bit ELF file *path* needs; a file of another kind (a script) needs
    nothing."""
    data = path.read_bytes()
    if data[:4] != MAGIC or data[4] != BITS_64 or data[5] != LITTLE:
        return Needs()
    start, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, start + size * i) for i in range(count)]
    segments = [(kind, offset, place, length) for kind, _, offset, place, _, length, *_ in headers]
    loads = [(offset, place, length) for kind, offset, place, length in segments if kind == LOAD]
    loader, entries = "", []
    for kind, offset, _, length in segments:
        if kind == INTERPRETER:
            loader = data[offset : offset + length].rstrip(b"\0").decode()
        if kind == DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", data[offset : offset + length // 16 * 16]))
    strings = next((value for tag, value in entries if tag == STRINGS), 0)
    table = next((o + strings - p for o, p, n in loads if p <= strings < p + n), 0)

    def texts(*tags: int) -> list[str]:
        places = [table + value for tag, value in entries if tag in tags]
        return [data[place : data.index(b"\0", place)].decode() for place in places]

    folders = [folder for text in texts(RPATH, RUNPATH) for folder in text.split(":")]
    return Needs(tuple(texts(NEEDED)), tuple(folders), loader)


def closure(root: Path, programs: Iterable[Path]) -> dict[str, Path]:
    """Map each library (its name) and loader (its path) that *programs* of *root* need to its file.

    Raises HostError if *root* lacks a library that one of them needs.
    """
    found: dict[str, Path] = {}
    known = _folders(root)
    pending = list(programs)
    while pending:
        path = pending.pop()
        wanted = needs(path)
        if wanted.loader and wanted.loader not in found:
            found[wanted.loader] = rooted.find(root, wanted.loader)
        origin = f"/{path.parent.relative_to(root)}"
        own = [folder.replace("$ORIGIN", origin) for folder in wanted.folders]
        for name in wanted.libraries:
            if name in found:
                continue
            there = library(root, name, (*own, *known))
            if there is None:
                raise HostError(f"{path.name} of {root} needs {name}, which is not there")
            found[name] = there
            pending.append(there)
    return found


def library(root: Path, name: str, folders: Sequence[str] = ()) -> Path | None:
    """The library *name* of *root*, in one of *folders* or else where libraries usually are; None
    if there is none."""
    places = (rooted.find(root, f"{folder}/{name}") for folder in folders or _folders(root))
    return next((place for place in places if place.is_file()), None)


def _folders(root: Path) -> list[str]:
    """Where libraries of *root* are: the usual places, those of its processor, and ld.so.conf's."""
    usual = [rooted.find(root, folder) for folder in FOLDERS]
    own = [
        path for folder in usual if folder.is_dir() for path in sorted(folder.glob("*-linux-gnu"))
    ]
    files = sorted(rooted.find(root, "etc/ld.so.conf.d").glob("*.conf"))
    lines = [line.strip() for file in files for line in file.read_text().splitlines()]
    places = [f"/{path.relative_to(root)}" for path in (*own, *usual)]
    return [*places, *(line for line in lines if line.startswith("/"))]
