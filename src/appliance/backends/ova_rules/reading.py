"""Read an OVA that nobody need trust: nothing is unpacked, sizes and numbers are limited.

Facts: POSIX.1-1988 ustar headers; OVF 1.1 (DSP0243), 5.3.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from lxml import etree

from appliance.backends.ova_rules.model import OVF, OpenedOva, OvaMember, OvfDisk
from appliance.backends.ova_rules.vmdk import Window, look
from appliance.errors import RequestError
from appliance.units import MIB, align_up

BLOCK = 512
MOST_MEMBERS = 1000
LONGEST_TEXT = 4 * MIB  # bytes of a description, manifest or certificate
CHUNK = 4 * MIB
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip",
          b"\x28\xb5\x2f\xfd": "zstd"}  # fmt: skip
ALGORITHMS = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}
LINE = re.compile(r"(\w+)\(([^()]*)\)= ([0-9a-fA-F]+)")  # exactly so
OCTAL = re.compile(b"[0-7]+")
DISK_FILE = "vmdk"


@dataclass
class _TarError(Exception):
    problem: str


def read(path: Path) -> OpenedOva:
    """Read all that the rules need of the OVA at *path*.

    Raises RequestError only if the file cannot be read; what is wrong in it, the rules tell.
    """
    if path.exists() and not path.is_file():
        raise RequestError(f"{path} is not a file")
    try:
        with path.open("rb") as file:
            descriptor = file.fileno()
            return _read(descriptor, os.fstat(descriptor).st_size)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None


def _read(file: int, size: int) -> OpenedOva:
    head = os.pread(file, BLOCK, 0)
    packed = next((word for mark, word in PACKED.items() if head.startswith(mark)), "")
    if packed and head[257:262] != b"ustar":
        return OpenedOva(packed=packed)
    members: list[OvaMember] = []
    trouble = ""
    try:
        for member in _members(file, size):  # those before an error stay
            members.append(member)  # noqa: PERF402
    except _TarError as error:
        trouble = error.problem
    ova = OpenedOva(trouble=trouble, members=tuple(members))
    ova = replace(
        ova,
        ovf=_text(file, ova, ".ovf"),
        manifest=_text(file, ova, ".mf"),
        certificate=_text(file, ova, ".cert"),
    )
    ova = _parsed(ova)
    return replace(ova, sums=dict(_sums(file, ova)), disks=dict(_disks(file, ova)))


def _members(file: int, size: int) -> Iterator[OvaMember]:
    """Yield the members of the archive, one after the other; raise _TarError where it is damaged
    or too long."""
    place = 0
    for _ in range(MOST_MEMBERS):
        header = os.pread(file, BLOCK, place)
        if len(header) < BLOCK:
            raise _TarError("it ends without the two empty blocks of a tar archive")
        if not header.strip(b"\0"):
            return
        try:
            member = _member(header, place + BLOCK)
        except ValueError as error:
            raise _TarError(f"at byte {place}: {error}") from None
        if member.start + member.size > size:
            raise _TarError(f"it ends inside {member.name or 'a member'}")
        yield member
        place = member.start + align_up(member.size, BLOCK)
    raise _TarError(f"it has more than {MOST_MEMBERS} members")


def _member(header: bytes, start: int) -> OvaMember:
    """Read a header of tar, whose data begin at the byte *start*; raise ValueError if it is
    none."""
    stated = _octal(header[148:156], "checksum")
    if sum(header[:148]) + 8 * ord(" ") + sum(header[156:]) != stated:
        raise ValueError("the checksum of a tar header is wrong: this is no tar archive there")
    magic = header[257:265]
    name = header[:100].split(b"\0")[0]
    prefix = header[345:500].split(b"\0")[0] if magic.startswith(b"ustar\0") else b""
    whole = b"/".join(part for part in (prefix, name) if part)
    size = header[124:136]
    length = int.from_bytes(size[1:]) if size[0] & 0x80 else _octal(size, "size")
    if length < 0:
        raise ValueError("a member has less than no bytes")
    kind = chr(header[156])
    return OvaMember(whole.decode("utf-8", "replace"), kind, magic, start, length)


def _octal(field: bytes, what: str) -> int:
    """Read the octal number in *field* of a header; raise ValueError, which calls it *what*, if
    it is none."""
    text = field.strip(b"\0 ") or b"0"
    if not OCTAL.fullmatch(text):
        raise ValueError(f"the {what} of a tar header is no number: this is no tar archive there")
    return int(text, 8)


def _text(file: int, ova: OpenedOva, suffix: str) -> str | None:
    """The text of the first file whose name ends with *suffix*; None if there is none. Only
    LONGEST_TEXT bytes are read: of a longer one the rules then find that it is wrong."""
    for member in ova.named(suffix):
        if member.is_file:
            text = os.pread(file, min(member.size, LONGEST_TEXT), member.start)
            return text.decode("utf-8", "replace")
    return None


def _parsed(ova: OpenedOva) -> OpenedOva:
    """Return *ova* with its description parsed; the parser resolves no entities and uses no
    network."""
    if ova.ovf is None:
        return ova
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(ova.ovf.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return replace(ova, xml_trouble=f"it is no XML: {error}")
    if root.getroottree().docinfo.internalDTD is not None:
        return replace(ova, xml_trouble="it has a document type of its own")
    if root.tag != f"{{{OVF}}}Envelope":
        return replace(ova, envelope=root, xml_trouble=f"it begins with {root.tag}")
    return replace(ova, envelope=root)


def _sums(file: int, ova: OpenedOva) -> Iterator[tuple[tuple[str, str], str]]:
    """Compute the digests that the manifest states, of the members that are there."""
    wanted: dict[str, set[str]] = {}
    for line in (ova.manifest or "").splitlines():
        found = LINE.fullmatch(line)
        if found and found[1] in ALGORITHMS:
            wanted.setdefault(found[2], set()).add(found[1])
    for member in ova.members:
        for name in sorted(wanted.pop(member.name, ()) if member.is_file else ()):
            digest = hashlib.new(ALGORITHMS[name])
            for start in range(0, member.size, CHUNK):
                count = min(CHUNK, member.size - start)
                digest.update(os.pread(file, count, member.start + start))
            yield (member.name, name), digest.hexdigest()


def _disks(file: int, ova: OpenedOva) -> Iterator[tuple[str, OvfDisk]]:
    """Look into the files that the description lists as disks, and all whose names end with
    .vmdk."""
    ids = {each.get(f"{{{OVF}}}fileRef") for each in ova.every("//ovf:Disk")}
    referred = {
        each.get(f"{{{OVF}}}href")
        for each in ova.every("//ovf:File")
        if each.get(f"{{{OVF}}}id") in ids
    }
    for member in ova.members:
        suffix = PurePosixPath(member.name).suffix.lower()
        if member.is_file and (member.name in referred or suffix == f".{DISK_FILE}"):
            yield member.name, look(Window(file, member.start, member.size))
