"""The size that is installed in a second: a shell and what tests call, from this host's programs.

It needs no network. The names of its packages are those of Fedora; nothing in it boots.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from . import system
from .additions import accounts, directories, rpm_macros, shadows
from .comps import Environment, Group
from .names import VERSION
from .places import merged
from .rpm_file import File, Package, regular, symlink
from .rpm_header import EQUAL, IS_CONFIG, NO_REPLACE, Relation
from .scriptlets import bash, make_root

PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = {
    "bash": "bash",
    "findutils": "find xargs",
    "grep": "grep",
    "sed": "sed",
    "tar": "tar",
    "gzip": "gzip",
    "hostname": "hostname",
    "libcap": "setcap getcap",
    "shadow-utils": "useradd usermod groupadd userdel groupdel",
    "util-linux": "mount umount unshare flock setpriv",
    "glibc-common": "getent ldconfig",
    "rpm": "rpm",
}
RPM_DATA = ("rpmrc", "macros", "platform/x86_64-linux/macros")  # below /usr/lib/rpm
GLIBC = re.compile(r"/(ld-linux|lib(c|m|dl|rt|pthread|resolv|util)\.so)")
NAMES = ("root:0:/root:/bin/bash", "bin:1:/bin:/sbin/nologin", "nobody:65534:/:/sbin/nologin")
PASSWD = "".join(
    f"{name}:x:{number}:{number}:{name}:{home}:{shell}\n"
    for name, number, home, shell in (line.split(":") for line in NAMES)
)
GROUP = "root:x:0:\nbin:x:1:\ntty:x:5:\nshadow:x:42:\nusers:x:100:\nnobody:x:65534:\n"
GROUPS = (
    Group("core", "Core", "basesystem bash coreutils sed grep shadow-utils", "tar", "util-linux"),
    Group("standard", "Standard", "findutils gzip", optional="hostname"),
    Environment("minimal-environment", "Minimal Install", "core", "standard"),
)


def programs() -> dict[str, list[Path]]:
    """Where the programs of each package are on this host; those that it lacks are left out."""
    found = {
        package: [Path(path) for name in names.split() if (path := shutil.which(name, path=PATHS))]
        for package, names in PROGRAMS.items()
    }
    listed = subprocess.run(
        ["dpkg", "-L", "coreutils"], check=True, capture_output=True, text=True
    ).stdout
    core = re.findall(r"^(?:/usr)?/s?bin/[\w\[-]+$", listed, re.MULTILINE)
    return {**found, "coreutils": [Path(path) for path in core]}


def libraries(paths: Iterable[Path]) -> list[Path]:
    """The libraries that programs load, as the dynamic linker of this host finds them."""
    said = subprocess.run(["ldd", *paths], check=False, capture_output=True, text=True).stdout
    found = re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE)
    return sorted({Path(merged(path)) for path in found})


def fingerprint(found: Mapping[str, list[Path]]) -> str:
    """What of this host goes into the packages; of libraries only when they were last changed."""
    paths = [path.resolve() for paths in found.values() for path in paths]
    states = [(path, path.stat()) for path in (*paths, Path("/etc/ld.so.cache"))]
    text = "".join(f"{path} {state.st_size} {state.st_mtime_ns}\n" for path, state in states)
    return hashlib.sha256(text.encode()).hexdigest()


def packages(found: Mapping[str, list[Path]], public: str) -> list[Package]:
    """All packages of the system; *public* is the key that signs them."""
    every = libraries(path for paths in found.values() for path in paths)
    own = [_package(name, _programs(paths)) for name, paths in sorted(found.items())]
    own.append(_package("glibc", _copies(path for path in every if GLIBC.search(str(path)))))
    own.append(
        _package("libraries", _copies(path for path in every if not GLIBC.search(str(path))))
    )
    by_name = {package.name: package for package in own}
    for package in own:
        if package.name in found:
            package.require("glibc", "libraries")
        if package.name not in ("glibc", "libraries", "bash"):
            package.require("bash")
    bash(by_name["bash"])
    by_name["bash"].files.append(symlink("/usr/bin/sh", "bash"))
    by_name["libraries"].require("glibc")
    by_name["glibc"].require("filesystem")
    data = [merged(f"/usr/lib/rpm/{name}") for name in RPM_DATA]
    by_name["rpm"].files += [
        *rpm_macros(),
        *(regular(path, Path(path).read_bytes()) for path in data if Path(path).exists()),
    ]
    return [*own, *_foundation(), *system.identity(public)]


def _package(name: str, files: Iterable[File]) -> Package:
    package = system.own(name, f"{name} of the tests", "1.0", arch="x86_64")
    package.files = list(files)
    return package


def _programs(paths: Iterable[Path]) -> Iterator[File]:
    """Programs; a link to another of the same directory stays one."""
    for path in paths:
        target = path.readlink() if path.is_symlink() else Path("/")
        if target.name == str(target):
            yield symlink(merged(str(path)), target.name)
        else:
            yield regular(merged(str(path)), path.resolve().read_bytes(), 0o755)


def _copies(paths: Iterable[Path]) -> list[File]:
    return [regular(merged(str(path)), path.resolve().read_bytes(), 0o755) for path in paths]


def _foundation() -> list[Package]:
    """What has to be there before any program."""
    root = _package("filesystem", directories())
    make_root(root)
    setup = _package("setup", [])
    setup.arch = root.arch = "noarch"
    flags = IS_CONFIG | NO_REPLACE
    for texts, mode in (
        (accounts(PASSWD, GROUP), 0o644),
        ({"/etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\n"}, 0o644),
        ({"/etc/login.defs": "UID_MIN 1000\nGID_MIN 1000\nENCRYPT_METHOD YESCRYPT\n"}, 0o644),
        (shadows(PASSWD, GROUP), 0o000),
    ):
        setup.files += [regular(path, text, mode, flags=flags) for path, text in texts.items()]
    setup.requires = [Relation("system-release", EQUAL, VERSION)]
    # A builder asks for what checks and grows the filesystems; nothing here runs any of it.
    stands_for = [_package(name, []) for name in ("e2fsprogs", "dosfstools", "xfsprogs")]
    return [setup, root, system.basesystem(), *stands_for]
