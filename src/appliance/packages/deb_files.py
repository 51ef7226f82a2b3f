"""Debian package files: kept with their data uncompressed.

xz is half of the time that dpkg takes to unpack, so each file is written once more with a plain
data member, while others are still on their way. Its own digest is kept beside it, and checked at
every use.

    packages/SHA256.deb         the package, named by the digest of the file that was fetched
    packages/SHA256.plain       the digest of the file as it lies here
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.backends.package_managers import deb_file
from appliance.backends.package_managers.model import LockedPackage
from appliance.backends.package_managers.package_facts import PackageFacts
from appliance.errors import CommandError, SourceError
from appliance.host import command, probe, sandbox
from appliance.host.download import WantedFile


@dataclass(frozen=True)
class DebFiles:
    """How .deb files are kept and checked.

    *tools*: a root filesystem with dpkg-deb, used if this host has none; empty if there is no such
        root.
    """

    tools: str = ""

    suffix = ".deb"
    unpacked = 1  # the file lies here uncompressed
    signed_again = False

    def is_whole(self, path: Path, package: LockedPackage) -> bool:
        """True if the uncompressed file at *path* still has the digest that was noted when it was
        made."""
        mark = path.with_suffix(".plain")
        return path.exists() and mark.exists() and mark.read_text() == _digest(path)

    def arrived(self, wish: WantedFile) -> None:
        """Keep the file that *wish* brought with its data uncompressed.

        Raises SourceError if it is not a Debian package.
        """
        make_plain(wish, self.tools)

    def settle(self, packages: Sequence[LockedPackage], folder: Path) -> None:
        """Do nothing: the repository's signed metadata vouches for each digest."""

    def payload(self, path: Path) -> str:
        """Return an empty text: Debian packages are not signed one by one."""
        return ""

    def facts(self, path: Path) -> PackageFacts:
        """What the package file at *path* says of itself. Raises SourceError if it is damaged."""
        return deb_file.read(path)

    def explained(self, error: SourceError, package: LockedPackage, changed: Path) -> SourceError:
        """Return *error* as it is: a .deb with another digest is another package."""
        return error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def make_plain(wish: WantedFile, tools: str = "") -> None:
    """Keep a fetched package with its data member uncompressed (deb(5): an ar archive)."""
    fetched, path = wish.target, wish.target.with_name(f"{wish.sha256}.deb")
    part = path.with_name(f"{wish.sha256}.{os.getpid()}.plain.part")
    try:
        control = _control_member(fetched)
        _write_plain(fetched, control, part, tools)
    except CommandError as error:
        raise SourceError(
            f"{wish.name} is not a Debian package: {error.problem}", tail=error.tail
        ) from error
    finally:
        fetched.unlink(missing_ok=True)
    path.with_suffix(".plain").write_text(_digest(part))
    part.rename(path)


def _control_member(path: Path) -> bytes:
    """The ar header and body of the control member, padded: it stays compressed."""
    with path.open("rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise SourceError(f"{path.name} is not a Debian package")
        while header := file.read(60):
            if len(header) < 60 or not header[48:58].strip().isdigit():
                break
            size = int(header[48:58])
            body = file.read(size + size % 2)
            if header.startswith(b"control.tar"):
                return header + body
    raise SourceError(f"{path.name} is not a Debian package: it has no control member")


def _write_plain(fetched: Path, control: bytes, part: Path, tools: str) -> None:
    data = part.with_suffix(".data")
    try:
        argv: list[str | Path] = ["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" > "$1"', fetched, data]
        if probe.missing(["dpkg-deb"]):  # it is quicker here, and the bytes are the same
            argv = [*sandbox.with_tools(argv, tools, places=(data.parent,))]
        command.run(argv, name="dpkg-deb")
        size = data.stat().st_size
        with part.open("wb") as file:
            file.write(b"!<arch>\n" + _header("debian-binary", 4) + b"2.0\n" + control)
            file.write(_header("data.tar", size))
            file.flush()
            with data.open("rb") as source:
                sent = 0
                while sent < size:
                    sent += os.sendfile(file.fileno(), source.fileno(), sent, size - sent)
            file.seek(0, os.SEEK_END)
            file.write(b"\n" * (size % 2))
    finally:
        data.unlink(missing_ok=True)


def _header(name: str, size: int) -> bytes:
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n".encode()
