"""Which disk images are trusted, whoever made them.

One rule for every command: the bytes of a disk come from regular files in the directory that its
image is in, or below, and nobody guesses a format. So an image never shows a guest, a copy or a
comparison any other file of this machine. docs/explanation/trust.md says it for people.
"""

import io
import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from appliance.errors import CommandError, RequestError, Where
from appliance.host import command
from appliance.host.status import status_of
from appliance.intake import compressed_disks as compressed
from appliance.intake import headers, signatures
from appliance.intake.headers import BadHeaderError, Header
from appliance.units import GIB, KIB, show

RAW, OVERLAY = "raw", "qcow2"  # formats: without any structure; whose images may lie over others
DRIVERS = (RAW, OVERLAY, "vmdk", "vdi", "vpc", "vhdx", "qcow")  # QEMU's names of what we take
# What people and descriptions call formats, also by the suffix of a file.
CALLED = {
    "raw": RAW, "iso": RAW, "vhd": "vpc", "vpc": "vpc", "qcow2": "qcow2", "qcow": "qcow",
    "vmdk": "vmdk", "vdi": "vdi", "vhdx": "vhdx",
}  # fmt: skip
FORESEEN = 256 * KIB  # bytes of a compressed image that are looked at before it is unpacked
LONGEST_CHAIN = 16  # images over one another
LARGEST = 64 * 1024 * GIB  # bytes of a disk: what a VHDX may have, the most of all formats
INFO_SECONDS = 60  # of qemu-img: a header is read in milliseconds, a pipe never
PROTOCOL = re.compile("[^/]*:")  # how QEMU knows that a name is none of a file
WHOLE = "if it is yours: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2"


@dataclass(frozen=True)
class TrustedImage:
    """One image that is trusted: QEMU's name of its format, and the size of its disk in bytes.

    *others* are the files besides *path* that its bytes are in.
    """

    path: Path
    driver: str
    size: int
    others: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Question:
    """What is asked of one image: where its name stands (None: on the command line), and whether
    other files may hold bytes of it. *seen* are the images over it."""

    where: Where | None
    alone: bool
    seen: tuple[Path, ...] = field(default=())

    def shown(self, path: Path) -> str:
        """Return how messages name *path*: beside a description its file name is enough."""
        return path.name if self.where else str(path)

    def refused(self, problem: str, *, hint: str = "", tail: tuple[str, ...] = ()) -> RequestError:
        """Return the error that refuses the image because of *problem*."""
        return RequestError(problem, hint=hint, where=self.where, tail=tail)


def format_called(name: str) -> str:
    """QEMU's name of the format that is called *name*; empty if there is none of that name."""
    return CALLED.get(name.lower(), "")


def trusted(
    path: Path, said: str | None = None, *, where: Where | None = None, alone: bool = False
) -> TrustedImage:
    """Look at the file *path*, which is not compressed, and return what it is.

    *said* is the format that a description states, as one of DRIVERS; if it is None, the suffix
    of the file says it, and where that means nothing (or if it is empty) the content does.
    *alone*: no other file may hold bytes of it.

    Raises RequestError, with *where*, if it is no image of that format, is encrypted, damaged or
    too large, or takes its bytes from where it must not.
    """
    name = format_called(path.suffix.removeprefix(".")) if said is None else said
    return _looked_at(path, name, _Question(where, alone))


def foreseen(path: Path, said: str | None = None, *, where: Where | None = None) -> str:
    """The format of the disk in the compressed file *path*, as far as its beginning tells it.

    Raises RequestError as trusted(); what is seen only when it is unpacked is seen then.
    CommandError if it is damaged.
    """
    ask = _Question(where, alone=True)
    head = compressed.head(path, FORESEEN)
    name = format_called(Path(path.stem).suffix.removeprefix(".")) if said is None else said
    found = signatures.driver_in(head)
    driver = _driver(path, found or (name if name == "vpc" else ""), name, ask)
    header = _header(path, io.BytesIO(head), driver, ask)
    for other in (*header.extents, header.backing):
        if other:
            raise ask.refused(f"{ask.shown(path)}: what is in it takes its bytes from another file")
    return driver


def is_directory(path: Path) -> bool:
    """Whether *path*, which somebody typed, is a directory: what is not there is none.

    Raises RequestError if that cannot be found out.
    """
    status = status_of(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def check_file(path: Path, where: Where | None = None) -> None:
    """Raise RequestError if *path* is no regular file or block device that can be read and has
    something in it. Nothing waits for a pipe."""
    ask = _Question(where, alone=True)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISBLK(status.st_mode):
            raise ask.refused(f"{ask.shown(path)} is not a file")
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise ask.refused(f"there is no {ask.shown(path)}") from None
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, links in a circle
        raise ask.refused(f"cannot read {ask.shown(path)}: {_said(error)}") from None
    if empty:
        raise ask.refused(f"{ask.shown(path)} is empty")


def _looked_at(path: Path, said: str, ask: _Question) -> TrustedImage:
    check_file(path, ask.where)
    here = path.resolve()  # QEMU looks for others beside the name that it is given
    if len(ask.seen) >= LONGEST_CHAIN or here in ask.seen:
        raise ask.refused(f"{ask.shown(path)}: images lie over one another without end")
    found = "" if path.is_block_device() else signatures.driver_of(path)
    if said == "vpc" and not found and signatures.has_footer(path):
        found = said
    driver = _driver(path, found, said, ask)
    if driver == RAW:
        return TrustedImage(here, RAW, _fits(path, _length(here), ask))
    with here.open("rb") as file:
        header = _header(path, file, driver, ask)
    others = _extents(here, header, ask)
    if header.backing:
        others += _behind(here, header, driver, ask)
    return TrustedImage(here, driver, _asked(here, driver, (header, others), ask), others)


def _header(path: Path, file: IO[bytes], driver: str, ask: _Question) -> Header:
    """Return what the beginning of *file* says, which is the open file *path*.

    Raises RequestError if it is no image for *driver*, or one that nobody should open.
    """
    try:
        header = headers.read(file, driver)
    except BadHeaderError as error:
        raise ask.refused(f"{ask.shown(path)} is no {driver} image: {error}") from None
    if header.problem:
        raise ask.refused(f"{ask.shown(path)} {header.problem}: it is not opened here")
    return header


def _driver(path: Path, found: str, said: str, ask: _Question) -> str:
    """Return the format of *path*, which begins as an image in the format *found*.

    Raises RequestError if it is not what it is *said* to be, or in a format that is not taken.
    """
    if said and said not in (RAW, found):
        raise ask.refused(
            f"{ask.shown(path)} is no {said} image"
            + (f": it begins as a {found} image does" if found else ""),
            hint="" if found else "if it is the plain bytes of a disk: name it .raw",
        )
    if said == RAW and found in DRIVERS:
        raise ask.refused(
            f"{ask.shown(path)} is called {RAW}, and begins as a {found} image does",
            hint=f"if that is what it is: name it .{found}",
        )
    if not said and found and found not in DRIVERS:
        raise ask.refused(
            f"{ask.shown(path)} is a disk in the format {found}", hint=", ".join(DRIVERS)
        )
    return RAW if said == RAW else found or RAW


def _extents(here: Path, header: Header, ask: _Question) -> tuple[Path, ...]:
    files = {name: _beside(here, name, ask) for name in header.extents}
    for name in header.structured:
        with files[name].open("rb") as file:
            try:
                headers.read_extent(file)
            except BadHeaderError as error:
                raise ask.refused(
                    f"{ask.shown(here)} takes its bytes from {_shown(name)}: {error}"
                ) from None
    return tuple(files.values())


def _behind(here: Path, header: Header, driver: str, ask: _Question) -> tuple[Path, ...]:
    """Return the file of the image that *here* lies over, and all files of that image."""
    base = _beside(here, header.backing, ask)
    if driver != OVERLAY:
        raise ask.refused(
            f"{ask.shown(here)} lies over another image: of the formats only {OVERLAY} may",
            hint=WHOLE,
        )
    if header.backing_format not in DRIVERS:
        raise ask.refused(
            f"{ask.shown(here)} does not say in which format {base.name} is, over which it lies",
            hint=f"qemu-img rebase -u -F FORMAT -b {base.name} {here.name}",
        )
    below = _Question(ask.where, ask.alone, (*ask.seen, here))
    image = _looked_at(base, header.backing_format, below)
    return (base, *image.others)


def _beside(here: Path, name: str, ask: _Question) -> Path:
    """Return the regular file that the image *here* names; raise RequestError if it may not name
    that."""
    base = here.parent
    refused = ask.refused(
        f"{ask.shown(here)} takes its bytes from another file of this machine: {_shown(name)}",
        hint=f"{WHOLE}; or put it beside {here.name}",
    )
    if ask.alone or not name or PROTOCOL.match(name):
        raise refused
    try:
        there = (base / name).resolve()
        inside = there.is_relative_to(base)
        problem = "" if there.is_file() else "is not a file" if there.exists() else "is not there"
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL, links in a circle
        raise refused from None
    if not inside:
        raise refused
    if problem:
        raise ask.refused(f"{ask.shown(here)} takes its bytes from {_shown(name)}, which {problem}")
    return there


def _asked(here: Path, driver: str, known: tuple[Header, tuple[Path, ...]], ask: _Question) -> int:
    """The size of the disk, as qemu-img says it of this image alone, which must be as we read it.

    Only here is it asked, and only about what names nothing that it must not open.
    """
    header, others = known
    words: list[str | Path] = ["qemu-img", "info", "--output=json", "-f", driver, here]
    try:
        facts: dict[str, Any] = json.loads(command.run(command.limited(words, INFO_SECONDS)))
    except CommandError as error:
        raise ask.refused(f"{ask.shown(here)} is no {driver} image", tail=error.tail[-1:]) from None
    own = facts.get("format-specific", {}).get("data", {})
    behind = facts.get("backing-filename", "")
    extents = {Path(extent.get("filename", "")) for extent in own.get("extents", ())}
    strange = [str(extent) for extent in extents if extent.resolve() not in (here, *others)]
    if (
        strange
        or own.get("data-file")
        or facts.get("encrypted")
        or os.fsencode(behind) != os.fsencode(header.backing)
        or facts.get("backing-filename-format", "") != header.backing_format
    ):
        raise ask.refused(f"{ask.shown(here)} says different things of the files that it takes")
    return _fits(here, int(facts["virtual-size"]), ask)


def _fits(path: Path, size: int, ask: _Question) -> int:
    if size > LARGEST:
        raise ask.refused(
            f"{ask.shown(path)} is a disk of {show(size)}: none has more than {show(LARGEST)}"
        )
    return size


def _length(path: Path) -> int:
    """The size in bytes, also of a block device."""
    with path.open("rb") as file:
        return file.seek(0, os.SEEK_END)


def _shown(name: str) -> str:
    """A name that somebody wrote into an image, without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:200]


def _said(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)
