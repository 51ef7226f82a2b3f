"""A distribution of a few packages, made and signed here from this host's own programs.

Small enough to be installed in a second, real enough for apt and dpkg: one essential package with
a shell, dpkg and what they call, and some that do odd or harmful things.
"""

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

RELEASED = "Wed, 01 May 2024 12:00:00 UTC"
CLOCK = 1714564800  # the same moment, in seconds since 1970
SUITE = "stable"
# dpkg looks for diff, rm, tar, ldconfig and start-stop-daemon before it does anything.
PROGRAMS = (
    "dash dpkg dpkg-deb dpkg-split dpkg-query dpkg-trigger dpkg-divert dpkg-statoverride "
    "start-stop-daemon update-alternatives tar gzip diff sed grep find xargs ldconfig getent "
    "useradd usermod groupadd setcap mount umount unshare mknod chroot hostname"
)
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\ntty:x:5:\nshadow:x:42:\nusers:x:100:\nnogroup:x:65534:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n",
    "etc/gshadow": "root:*::\nshadow:*::\nusers:*::\n",
}
DIRECTORIES = ("etc/default", "root", "tmp", "var/log", "var/tmp", "var/lib", "home", "mnt", "boot")


@dataclass(frozen=True)
class Entry:
    """One member of a package; *text* None: a directory, *link*: where a link points."""

    path: str
    text: bytes | None = b""
    mode: int = 0o644
    owner: tuple[int, int] = (0, 0)
    link: str = ""
    hard: str = ""


@dataclass(frozen=True)
class Package:
    """A package to be. *scripts* maps postinst and the like to shell; *conffiles* are the files
    that are configuration."""

    name: str
    entries: tuple[Entry, ...] = ()
    version: str = "1.0"
    depends: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    conffiles: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"pool/{self.name}_{self.version}_amd64.deb"

    def control(self) -> str:
        lines = [
            f"Package: {self.name}", f"Version: {self.version}", "Architecture: amd64",
            "Maintainer: Nobody <nobody@example.org>", f"Description: {self.name} of the tests",
        ]  # fmt: skip
        lines += [f"Depends: {self.depends}"] if self.depends else []
        lines += self.more.splitlines()
        return "\n".join(lines) + "\n"

    def deb(self) -> bytes:
        """The package as deb(5) describes it."""
        control = [Entry("control", self.control().encode())]
        control += [
            Entry(name, f"#!/bin/sh\nset -e\n{text}\n".encode(), 0o755)
            for name, text in self.scripts.items()
        ]
        if self.conffiles:
            listed = "".join(f"{path}\n" for path in self.conffiles)
            control.append(Entry("conffiles", listed.encode()))
        members = {
            "debian-binary": b"2.0\n",
            "control.tar.gz": _tar_gz(control),
            "data.tar.gz": _tar_gz(_with_parents(self.entries)),
        }
        return b"!<arch>\n" + b"".join(_member(name, data) for name, data in members.items())


def _member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{CLOCK:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n"
    return header.encode() + data + b"\n" * (len(data) % 2)


def _with_parents(entries: Iterable[Entry]) -> list[Entry]:
    """Every directory before what is in it, as dpkg wants it."""
    entries = list(entries)
    named = {entry.path for entry in entries}
    parents = {str(parent) for path in named for parent in Path(path).parents}
    missing = sorted(path for path in parents - named if path not in ("/", "..", "../.."))
    return [*(Entry(path, None, 0o755) for path in missing), *entries]


def _tar_gz(entries: Iterable[Entry]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", 1, packed, mtime=0) as squeezed,
        tarfile.open(mode="w", fileobj=squeezed, format=tarfile.GNU_FORMAT) as archive,
    ):
        for entry in entries:
            path = entry.path if entry.path.startswith(("/", "..")) else f"./{entry.path}"
            header = tarfile.TarInfo(path)
            header.mtime, header.mode = CLOCK, entry.mode
            header.uid, header.gid = entry.owner
            if entry.text is None:
                header.type, header.mode = tarfile.DIRTYPE, entry.mode
            elif entry.link or entry.hard:
                header.type = tarfile.SYMTYPE if entry.link else tarfile.LNKTYPE
                header.linkname = entry.link or f"./{entry.hard}"
            else:
                header.size = len(entry.text)
            archive.addfile(header, io.BytesIO(entry.text) if header.size else None)
    return packed.getvalue()


def base() -> Package:
    """The one essential package: this host's shell, dpkg and coreutils, with their libraries."""
    listed = subprocess.check_output(["dpkg", "-L", "coreutils"], text=True).splitlines()
    core = [line for line in listed if re.fullmatch(r"(/usr)?/s?bin/\w+", line)]
    found = [shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in PROGRAMS.split()]
    places = sorted({_merged(path) for path in (*core, *filter(None, found))})
    files = dict.fromkeys([*places, *sorted(_libraries(places))])
    entries = [Entry(name, None, 0o755) for name in DIRECTORIES]
    entries += [Entry(path.lstrip("/"), Path(path).resolve().read_bytes(), 0o755) for path in files]
    entries += [
        Entry(path, text.encode(), 0o640 if "shadow" in path else 0o644, (0, 0))
        for path, text in ACCOUNTS.items()
    ]
    entries.append(Entry("usr/bin/sh", link="dash"))
    return Package("tiny-base", tuple(entries), more="Essential: yes\nPriority: required\n")


def _merged(path: str) -> str:
    """The path of a file where / and /usr are merged, links in its name kept."""
    return path if path.startswith("/usr/") else f"/usr{path}"


def _libraries(programs: Iterable[str]) -> set[str]:
    said = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    return {_merged(path) for path in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE)}


FILE_CONTEXTS = """\
/.*\tsystem_u:object_r:default_t:s0
/\t-d\tsystem_u:object_r:root_t:s0
/etc(/.*)?\tsystem_u:object_r:etc_t:s0
/etc/shadow.*\t--\tsystem_u:object_r:shadow_t:s0
/srv(/.*)?\tsystem_u:object_r:var_t:s0
/srv/cap\t--\tsystem_u:object_r:ping_exec_t:s0
/usr/(.*/)?bin(/.*)?\tsystem_u:object_r:bin_t:s0
/usr/bin/sh\t-l\tsystem_u:object_r:bin_link_t:s0
/mnt/odd.*\tsystem_u:object_r:odd_t:s0:c0,c1
/sys\t-d\t<<none>>
"""

# Each line is tried; what worked is written down.
HARM = """
try() { if sh -c "$1" > /dev/null 2>&1; then echo "worked: $1" >> REPORT; fi; }
try 'mknod /root/disk b 254 0'
try 'mknod /dev/sdz b 8 0'
try 'dd if=/dev/zero of=/dev/vda bs=512 count=1 conv=nocreat'
try 'dd if=/dev/zero of=/dev/sda bs=512 count=1 conv=nocreat'
try 'echo h > /proc/sysrq-trigger'
try 'echo harm > /proc/sys/kernel/domainname'
try 'echo 1 > /proc/sys/vm/drop_caches'
try 'mount -t tmpfs none /mnt'
try 'mount --bind / /mnt'
try 'mount -o remount,rw /sys'
try 'umount /proc'
try 'unshare --mount true'
try 'unshare --net true'
try 'hostname harm'
try 'echo harm > /sys/harm'
try 'chroot /proc/1/root ls /HOST'
try 'ls /HOST'
cat /proc/self/mountinfo > /var/lib/mountinfo
grep -E "^(CapBnd|CapEff|NoNewPrivs)" /proc/self/status > /var/lib/status
cat /proc/net/dev > /var/lib/interfaces
ls /dev > /var/lib/devices
echo done >> REPORT
"""


def _shell(text: str) -> dict[str, str]:
    return {"postinst": text}


PACKAGES = (
    Package("e2fsprogs"),
    Package("dosfstools"),
    Package("xfsprogs"),
    Package("btrfs-progs"),
    Package("lvm2"),
    Package("cryptsetup"),
    Package("cryptsetup-initramfs"),
    Package("systemd-cryptsetup"),
    Package(
        "selinux-policy-default",
        (
            Entry("etc/selinux/config", b"SELINUX=enforcing\nSELINUXTYPE=tiny\n"),
            Entry("etc/selinux/tiny/contexts/files/file_contexts", FILE_CONTEXTS.encode()),
        ),
    ),
    Package("hello", (Entry("usr/share/hello/hello.txt", b"hello\n"),), depends="world"),
    Package("world", (Entry("usr/share/hello/world.txt", b"world\n" * 100_000),)),
    Package("broken-promise", depends="nowhere-to-be-found"),
    Package("world-thief", (Entry("usr/share/hello/world.txt", b"other\n"),)),
    Package("fails", scripts=_shell("echo this cannot work >&2\nexit 3")),
    Package("slow", scripts=_shell("echo slow begins\nsleep 300")),
    Package("slowish", scripts=_shell("sleep 1")),
    Package(
        "owners",
        (
            Entry("srv/owned", None, 0o750, (1234, 4321)),
            Entry("srv/owned/file", b"mine\n", 0o640, (1234, 4321)),
            Entry("srv/owned/su", b"#!/bin/sh\n", 0o4755, (0, 42)),
            Entry("srv/owned/sticky", None, 0o1777, (0, 0)),
            Entry("srv/owned/link", link="file"),
            Entry("srv/owned/twin", b"", 0o640, (1234, 4321), hard="srv/owned/file"),
        ),
        scripts=_shell(
            "cp /usr/bin/true /srv/owned/ping\n"
            "setcap cap_net_raw,cap_net_bind_service+ep /srv/owned/ping\n"
            "chown 65533:65533 /srv/owned/sticky"
        ),
    ),
    Package(
        "harmful",
        (Entry("usr/share/harmful/report", b""),),
        scripts={
            "preinst": "mknod /dev/vda b 254 0 || true",
            "postinst": HARM.replace("REPORT", "/usr/share/harmful/report"),
        },
    ),
    Package("outside", (Entry("../../outside", b"x"),)),
    Package("absolute", (Entry("/var/absolute", b"x"),)),
    Package("linux-image-tiny", (Entry("boot/vmlinuz-1", b"none"),)),
    Package("initramfs-tools"),
    Package("big", (Entry("srv/big", bytes(range(256)) * 4096 * 30),)),
)


@contextmanager
def signer(place: Path) -> Iterator[tuple[list[str], Path]]:
    """Lend the words that sign with a throwaway key, and the keyring that trusts it."""
    place.mkdir(mode=0o700)
    words = ["gpg", "--homedir", str(place), "--batch", "--quiet", "--no-tty"]
    quick = ["--passphrase", "", "--quick-generate-key", "Tiny <tiny@example.org>", "ed25519"]
    subprocess.run([*words, *quick, "sign", "never"], check=True, capture_output=True)
    keyring = place.with_suffix(".gpg")
    keyring.write_bytes(subprocess.check_output([*words, "--export"]))
    try:
        yield words, keyring
    finally:
        subprocess.run(["gpgconf", "--homedir", str(place), "--kill", "all"], check=True)


def publish(
    archive: Path,
    packages: Iterable[Package],
    *,
    sign: list[str] | None,
    suite: str = SUITE,
    origin: str = "Debian",
) -> None:
    """Write an archive of one suite, its component `main` (repository format of Debian's wiki).

    *sign* None: without a signature. *origin* is whose it says that it is.
    """
    stanzas = []
    for package in packages:
        data = package.deb()
        path = archive / package.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
        stanzas.append(
            f"{package.control()}Filename: {package.file}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
        )
    place = archive / "dists" / suite
    listed = "main/binary-amd64/Packages"
    (place / listed).parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(stanzas).encode()
    (place / listed).write_bytes(text)
    release = (
        f"Origin: {origin}\nLabel: Tiny\nSuite: {suite}\nCodename: {suite}\nDate: {RELEASED}\n"
        f"Architectures: amd64\nComponents: main\nSHA256:\n"
        f" {hashlib.sha256(text).hexdigest()} {len(text)} {listed}\n"
    )
    (place / "Release").write_text(release)
    (place / "InRelease").unlink(missing_ok=True)
    if sign:
        words = [*sign, "--clearsign", "--output", str(place / "InRelease"), str(place / "Release")]
        subprocess.run(words, check=True)


def known_tools() -> list[str]:
    """The programs that making a distribution needs and this host lacks."""
    return [name for name in ("gpg", "dpkg", "ldd", "setcap") if not shutil.which(name)]


def readable(place: Path) -> None:
    """Let everybody read what is below *place*."""
    for directory, _, files in os.walk(place):
        Path(directory).chmod(0o755)
        for name in files:
            (Path(directory) / name).chmod(0o644)
