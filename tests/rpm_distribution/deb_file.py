"""Read a Debian package: its control fields, its configuration files, its members (deb(5))."""

import io
import lzma
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .rpm_file import File

Fields = dict[str, str]


@dataclass(frozen=True)
class Deb:
    """What a Debian package holds. Paths begin with a slash."""

    fields: Fields
    configuration: frozenset[str]
    files: tuple[File, ...]


def read(path: Path) -> Deb:
    """Read the package at *path*; ValueError if it has members that RPM packages cannot hold."""
    members = dict(_members(path.read_bytes()))
    control, data = (
        next(_unpack(name, raw) for name, raw in members.items() if name.startswith(part))
        for part in ("control.tar", "data.tar")
    )
    fields, configuration = _control(control)
    files = list(_files(data))
    shared = {file.hard for file in files}
    files = [replace(file, hard=file.path) if file.path in shared else file for file in files]
    return Deb(fields, configuration, tuple(files))


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The members of an ar archive."""
    at = 8
    while at + 60 <= len(data):
        name, size = data[at : at + 16].decode().strip().rstrip("/"), int(data[at + 48 : at + 58])
        yield name, data[at + 60 : at + 60 + size]
        at += 60 + size + size % 2


def _unpack(name: str, raw: bytes) -> bytes:
    if name.endswith(".xz"):
        return lzma.decompress(raw)
    if name.endswith(".zst"):
        words = ["zstd", "-dcq"]
        return subprocess.run(words, input=raw, capture_output=True, check=True).stdout
    return raw


def _control(data: bytes) -> tuple[Fields, frozenset[str]]:
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
        for member in archive:
            if file := archive.extractfile(member):
                texts[member.name.lstrip("./")] = file.read().decode()
    fields: Fields = {}
    name = ""
    for line in texts["control"].splitlines():
        if line[:1] in (" ", "\t"):
            fields[name] += f"\n{line}"
        elif ":" in line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    listed = texts.get("conffiles", "").splitlines()
    return fields, frozenset(line for line in listed if line.startswith("/"))


def _files(data: bytes) -> Iterator[File]:
    known: dict[str, File] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as archive:
        for member in archive:
            path = "/" + member.name.lstrip("./").rstrip("/")
            if path == "/":
                continue
            file = _file(archive, member, path, known)
            if stat.S_ISREG(file.mode):
                known[path] = file
            yield file


def _file(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, known: dict[str, File]
) -> File:
    mode = member.mode & 0o7777
    bare = File(
        path, mode, mtime=int(member.mtime), user=member.uname or "root",
        group=member.gname or "root",
    )  # fmt: skip
    if member.isdir():
        return replace(bare, mode=stat.S_IFDIR | mode)
    if member.issym():
        return replace(bare, mode=stat.S_IFLNK | 0o777, link=member.linkname)
    if member.islnk():
        first = known["/" + member.linkname.lstrip("./")]
        return replace(bare, mode=first.mode, data=first.data, hard=first.path)
    if file := archive.extractfile(member):
        return replace(bare, mode=stat.S_IFREG | mode, data=file.read())
    raise ValueError(f"{path} is a device")
