"""Write binary packages of rpm's format 4, without rpmbuild: the same input gives the same bytes.

Sources: rpm's docs/manual/format_v4.md, tags.md, and what rpmbuild 4.18 writes.
"""

import base64
import hashlib
import os
import re
import stat
import struct
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .keys import Key
from .rpm_header import (
    CONFIG,
    EQUAL,
    GHOST,
    INT16,
    INTERPRETER,
    IS_CONFIG,
    LESS,
    MAIN_REGION,
    POSTTRANS,
    PRETRANS,
    RPMLIB,
    SCRIPT_POST,
    SCRIPT_POSTUN,
    SCRIPT_PRE,
    SCRIPT_PREUN,
    SIGNATURE_REGION,
    TRANSLATED,
    TRIGGER_IN,
    Header,
    Relation,
)

CLOCK = 1714564800  # 2024-05-01: when all that we write ourselves was made, and all was signed
COMPRESSION = "zstd"
LEVEL = 3
SHA256 = 8  # of OpenPGP's hash algorithms
SHELL = "/bin/sh"

# The tag of a script, that of its interpreter, the sense of what it requires.
SCRIPTS = {
    "pretrans": (1151, 1153, PRETRANS),
    "pre": (1023, 1085, SCRIPT_PRE),
    "post": (1024, 1086, SCRIPT_POST),
    "preun": (1025, 1087, SCRIPT_PREUN),
    "postun": (1026, 1088, SCRIPT_POSTUN),
    "posttrans": (1152, 1154, POSTTRANS),
}
PROVIDES, REQUIRES, CONFLICTS = (1047, 1112, 1113), (1049, 1048, 1050), (1054, 1053, 1055)
RELATIONS = {
    "conflicts": CONFLICTS,
    "obsoletes": (1090, 1114, 1115),
    "recommends": (5046, 5048, 5047),
    "suggests": (5049, 5051, 5050),
    "supplements": (5052, 5054, 5053),
    "order": (5035, 5037, 5036),
}


@dataclass(frozen=True)
class File:
    """One member of a package: a regular file (*data*), a directory, or a link (*link*).

    Files of one *hard* name are hard links of each other, with the same data.
    """

    path: str
    mode: int
    data: bytes = b""
    link: str = ""
    mtime: int = CLOCK
    user: str = "root"
    group: str = "root"
    flags: int = 0
    lang: str = ""
    hard: str = ""
    capabilities: str = ""

    @property
    def digest(self) -> str:
        known = stat.S_ISREG(self.mode) and not self.flags & GHOST
        return hashlib.sha256(self.data).hexdigest() if known else ""

    @property
    def size(self) -> int:
        if stat.S_ISREG(self.mode):
            return len(self.data)
        return len(os.fsencode(self.link)) if stat.S_ISLNK(self.mode) else 4096


def regular(path: str, data: str | bytes, mode: int = 0o644, **more: object) -> File:
    """A regular file; *more* are fields of File."""
    raw = data.encode() if isinstance(data, str) else data
    return File(path, stat.S_IFREG | mode, raw, **more)  # type: ignore[arg-type]


def directory(path: str, mode: int = 0o755, **more: object) -> File:
    """A directory; *more* are fields of File."""
    return File(path, stat.S_IFDIR | mode, **more)  # type: ignore[arg-type]


def symlink(path: str, target: str, **more: object) -> File:
    """A symbolic link; *more* are fields of File."""
    return File(path, stat.S_IFLNK | 0o777, link=target, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Trigger:
    """A script that runs once after a transaction that put files below *prefixes*."""

    prefixes: tuple[str, ...]
    priority: int
    script: str


@dataclass
class Package:
    """A package to be. *scripts* maps the names of SCRIPTS to interpreter and text."""

    name: str
    version: str
    release: str
    epoch: int = 0
    arch: str = "x86_64"
    summary: str = ""
    description: str = ""
    url: str = ""
    vendor: str = ""
    license: str = "see /usr/share/doc"
    built: int = CLOCK
    files: list[File] = field(default_factory=list)
    provides: list[Relation] = field(default_factory=list)
    requires: list[Relation] = field(default_factory=list)
    conflicts: list[Relation] = field(default_factory=list)
    obsoletes: list[Relation] = field(default_factory=list)
    recommends: list[Relation] = field(default_factory=list)
    suggests: list[Relation] = field(default_factory=list)
    supplements: list[Relation] = field(default_factory=list)
    order: list[Relation] = field(default_factory=list)
    scripts: dict[str, tuple[str, str]] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    changelog: list[tuple[str, str]] = field(default_factory=list)  # (who and version, text)

    @property
    def evr(self) -> str:
        return f"{self.epoch}:" * bool(self.epoch) + f"{self.version}-{self.release}"

    @property
    def nvr(self) -> str:
        return f"{self.name}-{self.version}-{self.release}"

    @property
    def filename(self) -> str:
        return f"{self.nvr}.{self.arch}.rpm"

    def shell(self, moment: str, text: str) -> None:
        """Run *text* with the shell at a *moment* of SCRIPTS."""
        self.scripts[moment] = (SHELL, text)

    def require(self, *names: str, flags: int = 0) -> None:
        """Require packages of any version."""
        self.requires += [Relation(name, flags) for name in names]

    def provide(self, *names: str, version: str = "") -> None:
        """Provide names, in one version or none."""
        self.provides += [Relation(name, EQUAL if version else 0, version) for name in names]

    def needs(self) -> list[Relation]:
        """What it requires, with what follows from its files, scripts and format."""
        found = list(self.requires)
        if any(file.flags & IS_CONFIG for file in self.files):
            found.append(Relation(f"config({self.name})", EQUAL | CONFIG, self.evr))
        for moment, (interpreter, _) in self.scripts.items():
            if not interpreter.startswith("<"):
                found.append(Relation(interpreter, SCRIPTS[moment][2] | INTERPRETER))
        if self.triggers:
            found.append(Relation(SHELL, INTERPRETER))
        return found + [
            Relation(f"rpmlib({name})", LESS | EQUAL | RPMLIB, version)
            for name, version in self._features()
        ]

    def gives(self) -> list[Relation]:
        """What it provides, its own name among it."""
        found = [*self.provides, Relation(self.name, EQUAL, self.evr)]
        if self.arch == "x86_64":
            found.append(Relation(f"{self.name}(x86-64)", EQUAL, self.evr))
        if any(file.flags & IS_CONFIG for file in self.files):
            found.append(Relation(f"config({self.name})", EQUAL | CONFIG, self.evr))
        return found

    def _features(self) -> Iterable[tuple[str, str]]:
        """What of rpm is needed to read it."""
        yield from (("CompressedFileNames", "3.0.4-1"), ("PayloadFilesHavePrefix", "4.0-1"))
        yield from (("FileDigests", "4.6.0-1"), ("PayloadIsZstd", "5.4.18-1"))
        relations = [*self.requires, *self.recommends, *self.conflicts, *self.suggests]
        if any(relation.name.startswith("(") for relation in relations):
            yield "RichDependencies", "4.12.0-1"
        if any("~" in relation.version for relation in [*relations, *self.gives()]):
            yield "TildeInVersions", "4.10.0-1"
        if any(file.capabilities for file in self.files):
            yield "FileCaps", "4.6.1-1"

    def write(self, place: Path, key: Key | None) -> Path:
        """Write the package into the directory *place*, signed unless *key* is None."""
        files = sorted(self.files, key=lambda file: os.fsencode(file.path))
        inodes = _inodes(files)
        payload = _payload(files, inodes)
        packed = subprocess.run(
            ["zstd", "-q", "-c", f"-{LEVEL}", "--single-thread"],
            input=payload, capture_output=True, check=True,
        ).stdout  # fmt: skip
        main = self._main(files, inodes, payload, packed)
        signature = _signature(main, packed, len(payload), key)
        lead = struct.pack(
            ">4sBBHH66sHH16x", b"\xed\xab\xee\xdb", 3, 0, 0, 1, self.nvr.encode()[:65], 1, 5
        )
        path = place / self.filename
        path.write_bytes(lead + signature + main + packed)
        os.utime(path, (self.built, self.built))
        return path

    def _main(
        self, files: Sequence[File], inodes: Sequence[int], payload: bytes, packed: bytes
    ) -> bytes:
        header = Header()
        self._identity(header)
        if files:
            _say_files(header, files, inodes)
        for moment, (interpreter, text) in self.scripts.items():
            tag, tag_of_interpreter, _ = SCRIPTS[moment]
            header.texts(tag_of_interpreter, interpreter.split())
            if text:
                header.text(tag, text)
        if self.triggers:
            _say_triggers(header, self.triggers)
        if self.changelog:
            header.numbers(1080, [self.built] * len(self.changelog))
            header.texts(1081, (who for who, _ in self.changelog))
            header.texts(1082, (text for _, text in self.changelog))
        header.relations(PROVIDES, self.gives())
        header.relations(REQUIRES, self.needs())
        for name, tags in RELATIONS.items():
            header.relations(tags, getattr(self, name))
        sizes = sum(len(file.data) for file in files if not file.flags & GHOST)
        header.numbers(1009, [sizes & 0xFFFFFFFF])
        header.text(1124, "cpio")
        header.text(1125, COMPRESSION)
        header.text(1126, str(LEVEL))
        header.texts(5092, [hashlib.sha256(packed).hexdigest()])
        header.numbers(5093, [SHA256])
        header.texts(5097, [hashlib.sha256(payload).hexdigest()])
        return header.bytes_of_region(MAIN_REGION)

    def _identity(self, header: Header) -> None:
        texts = {
            1000: self.name, 1001: self.version, 1002: self.release, 1007: "localhost",
            1011: self.vendor, 1014: self.license, 1020: self.url, 1021: "linux", 1022: self.arch,
            1044: f"{self.nvr}.src.rpm", 1064: "4.18.0", 5062: "utf-8",
        }  # fmt: skip
        for tag, value in texts.items():
            if value:
                header.text(tag, value)
        header.texts(100, ["C"])
        summary = self.summary or self.name
        for tag, value in ((1004, summary), (1005, self.description or summary), (1016, "Tests")):
            header.text(tag, value, TRANSLATED)
        header.numbers(1006, [self.built])
        if self.epoch:
            header.numbers(1003, [self.epoch])


def _inodes(files: Iterable[File]) -> list[int]:
    """A number for each file; hard links share theirs."""
    known: dict[str, int] = {}
    return [known.setdefault(file.hard or file.path, len(known) + 1) for file in files]


def _payload(files: Sequence[File], inodes: Sequence[int]) -> bytes:
    """The files as a cpio archive; of hard links the last one carries the data."""
    out = bytearray()
    last = dict(zip(inodes, files, strict=True))
    links = Counter(inodes)
    for file, inode in zip(files, inodes, strict=True):
        if file.flags & GHOST:
            continue
        data = os.fsencode(file.link)
        if stat.S_ISREG(file.mode):
            data = file.data if last[inode] is file else b""
        _add_entry(out, f".{file.path}", (inode, file.mode, links[inode], file.mtime), data)
    _add_entry(out, "TRAILER!!!", (0, 0, 1, 0), b"")
    return bytes(out)


def _add_entry(out: bytearray, path: str, about: tuple[int, int, int, int], data: bytes) -> None:
    inode, mode, links, mtime = about
    name = os.fsencode(path) + b"\0"
    numbers = (inode, mode, 0, 0, links, mtime, len(data), 0, 0, 0, 0, len(name), 0)
    out += b"070701" + b"".join(b"%08x" % number for number in numbers) + name
    out += b"\0" * (-len(out) % 4)
    out += data
    out += b"\0" * (-len(out) % 4)


def _say_files(header: Header, files: Sequence[File], inodes: Sequence[int]) -> None:
    places = [f"{PurePosixPath(file.path).parent}".rstrip("/") + "/" for file in files]
    directories = list(dict.fromkeys(places))
    index = {place: number for number, place in enumerate(directories)}
    header.numbers(1028, (file.size for file in files))
    header.numbers(1030, (file.mode for file in files), INT16)
    header.numbers(1033, [0] * len(files), INT16)
    header.numbers(1034, (file.mtime for file in files))
    header.texts(1035, (file.digest for file in files))
    header.texts(1036, (file.link for file in files))
    header.numbers(1037, (file.flags for file in files))
    header.texts(1039, (file.user for file in files))
    header.texts(1040, (file.group for file in files))
    header.numbers(1045, [0xFFFFFFFF] * len(files))
    header.numbers(1095, [1] * len(files))
    header.numbers(1096, inodes)
    header.texts(1097, (file.lang for file in files))
    header.numbers(1116, (index[place] for place in places))
    header.texts(1117, (PurePosixPath(file.path).name for file in files))
    header.texts(1118, directories)
    header.numbers(5011, [SHA256])
    if any(file.capabilities for file in files):
        header.texts(5010, (file.capabilities for file in files))


def _say_triggers(header: Header, triggers: Sequence[Trigger]) -> None:
    """Transaction file triggers (rpm's docs/manual/file_triggers.md)."""
    prefixes = [(at, name) for at, trigger in enumerate(triggers) for name in trigger.prefixes]
    header.texts(5076, (trigger.script for trigger in triggers))
    header.texts(5077, [SHELL] * len(triggers))
    header.numbers(5078, [0] * len(triggers))
    header.texts(5079, (name for _, name in prefixes))
    header.numbers(5080, (at for at, _ in prefixes))
    header.texts(5081, [""] * len(prefixes))
    header.numbers(5082, [TRIGGER_IN] * len(prefixes))
    header.numbers(5085, (trigger.priority for trigger in triggers))


def _signature(main: bytes, packed: bytes, payload: int, key: Key | None) -> bytes:
    header = Header()
    header.text(273, hashlib.sha256(main).hexdigest())
    header.text(269, hashlib.sha1(main).hexdigest())
    header.numbers(1000, [(len(main) + len(packed)) & 0xFFFFFFFF])
    header.binary(1004, hashlib.md5(main + packed).digest())
    header.numbers(1007, [payload & 0xFFFFFFFF])
    if key:
        header.binary(268, key.sign(main, CLOCK))
    written = header.bytes_of_region(SIGNATURE_REGION)
    return written + b"\0" * (-len(written) % 8)


def provided_by_sysusers(text: str) -> list[Relation]:
    """What rpm 4.19 and later make users of: the lines of a sysusers.d(5) file, as Provides."""
    found = []
    for line in text.splitlines():
        if not (words := re.match(r"\s*([ug])!?\s+(\S+)", line)):
            continue
        kind, name = words.groups()
        raw = " ".join(line.split()).encode()
        # Padded with NUL, because no version may have a "=" in it.
        code = base64.b64encode(raw + b"\0" * (-len(raw) % 3)).decode()
        found.append(Relation(f"{'user' if kind == 'u' else 'group'}({name})", EQUAL, code))
        if kind == "u":
            found.append(Relation(f"group({name})"))
    return found
