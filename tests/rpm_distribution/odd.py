"""Packages that do what packages should not do, or seldom do: for the tests of a builder."""

import hashlib
from collections.abc import Callable

from .rpm_file import CLOCK, Package, directory, provided_by_sysusers, regular, symlink
from .rpm_header import EQUAL, GHOST, IS_CONFIG, IS_DOC, NO_REPLACE, SCRIPT_PRE, Relation
from .system import own

LARGE = 96 << 20  # bytes
SPARSE = 3 << 30  # bytes
REPORT = "/var/lib/harm"
# Each line is tried; what worked is written down.
HARM = """
try() { if sh -c "$1" > /dev/null 2>&1; then echo "worked: $1" >> REPORT/report; fi; }
mkdir -p REPORT
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
try 'exec 3<>/dev/tcp/127.0.0.1/1'
try 'echo harm > /../../../harm-outside && ls /HOST'
cat /proc/self/mountinfo > REPORT/mountinfo
grep -E "^(CapBnd|CapEff|NoNewPrivs)" /proc/self/status > REPORT/status
cat /proc/net/dev > REPORT/interfaces
ls /dev > REPORT/devices
echo done >> REPORT/report
"""
MADE: list[Callable[[], Package]] = []


def _makes(function: Callable[[], Package]) -> Callable[[], Package]:
    MADE.append(function)
    return function


def packages() -> list[Package]:
    """All of them, without those of greetings()."""
    return [make() for make in MADE] + [
        _script("post-fails", "Its %post fails", "post", "echo this cannot work >&2\nexit 3\n"),
        _script("pre-fails", "Its %pre fails", "pre", "echo never before >&2\nexit 3\n"),
        _script("posttrans-fails", "Its %posttrans fails", "posttrans", "exit 3\n"),
        _script("slow", "Its %post takes five minutes", "post", "echo slow begins\nsleep 300\n"),
        _script("slowish", "Its %post takes a second", "post", "sleep 1\n"),
        _harmful(),
        own("weak", "Recommended by `choosy`"),
        own("conditional", "In a group, only where `greeting` is"),
        own("other", "The other of two"),
    ]


def greetings(version: str) -> list[Package]:
    """Two packages with nothing odd about them, in a *version*."""
    hello = own("greeting", "Says hello", version)
    place = "/usr/share/greeting"
    hello.files = [directory(place), regular(f"{place}/version", f"{version}\n")]
    hello.requires = [Relation("greeting-data", EQUAL, hello.evr)]
    who = "Nobody <nobody@example.org>"
    hello.changelog = [(f"{who} - {each}-1", f"- Say hello {each}") for each in ("1.1", "1.0")
                       if each <= version]  # fmt: skip
    data = own("greeting-data", "What is said", version)
    data.files = [directory(place), regular(f"{place}/hello.txt", "hello\n" * 100_000)]
    return [hello, data]


def _harmful() -> Package:
    package = _script("harmful", "Tries to harm the host", "post", HARM.replace("REPORT", REPORT))
    for tool in ("grep", "util-linux", "hostname"):  # what it tries with
        package.require(tool)
    return package


def _script(name: str, summary: str, moment: str, text: str) -> Package:
    package = own(name, summary)
    package.shell(moment, text)
    package.require("coreutils")
    return package


@_makes
def _choosy() -> Package:
    package = own("choosy", "Has a weak and a rich dependency")
    package.recommends = [Relation("weak")]
    package.require("(one or other)")
    return package


@_makes
def _one() -> Package:
    package = own("one", "One of two that conflict")
    package.conflicts = [Relation("other")]
    return package


@_makes
def _supplement() -> Package:
    package = own("supplement", "Comes along with `greeting`, where weak dependencies count")
    package.supplements = [Relation("greeting")]
    return package


@_makes
def _broken_promise() -> Package:
    package = own("broken-promise", "Requires what does not exist")
    package.require("nowhere-to-be-found")
    return package


@_makes
def _thief() -> Package:
    package = own("thief", "Has a file of `greeting`, with other words in it")
    package.files = [regular("/usr/share/greeting/version", "mine\n")]
    return package


@_makes
def _outside() -> Package:
    package = own("outside", "Writes outside its place")
    package.files = [
        regular("/../../../../../../outside-of-the-root", "x"),
        symlink("/srv/way-out", "../../../../../.."),
    ]
    package.shell("post", "echo x > /srv/way-out/outside-by-script\n")
    return package


@_makes
def _capabilities() -> Package:
    package = own("capabilities", "Has a file with capabilities")
    powers = "cap_net_bind_service,cap_net_raw=ep"
    package.files = [regular("/usr/bin/capable", "#!/bin/sh\n", 0o755, capabilities=powers)]
    return package


@_makes
def _setuid() -> Package:
    package = own("setuid", "Has files and directories with special bits")
    package.files = [
        regular("/usr/bin/set-uid", "#!/bin/sh\n", 0o4755),
        regular("/usr/bin/set-gid", "#!/bin/sh\n", 0o2755, group="tty"),
        directory("/srv/set-gid", 0o2775),
        directory("/srv/sticky", 0o1777),
    ]
    return package


@_makes
def _links() -> Package:
    package = own("links", "Has links of all kinds")
    data = b"the same bytes\n" * 1000
    names = ("first", "second", "deeper/third")
    package.files = [
        directory("/srv/links"),
        directory("/srv/links/deeper"),
        *(regular(f"/srv/links/{name}", data, hard="first") for name in names),
        symlink("/srv/links/relative", "deeper/third"),
        symlink("/srv/links/absolute", "/srv/links/first"),
        symlink("/srv/links/dangling", "nowhere"),
    ]
    return package


@_makes
def _sparse() -> Package:
    package = own("sparse", "Makes a file of 3 GiB with one page in it; ships one of zeros")
    made = "/srv/sparse/made"
    package.files = [
        directory("/srv/sparse"),
        regular(made, b"", flags=GHOST),
        regular("/srv/sparse/zeros", bytes(32 << 20)),
    ]
    page = f"dd of={made} bs=4096 seek=1000 conv=notrunc status=none"
    package.shell("post", f"truncate -s {SPARSE} {made}\necho page | {page}\n")
    package.require("coreutils")
    return package


@_makes
def _large() -> Package:
    package = own("large", "Has a large file that does not compress")
    package.files = [regular("/srv/large", hashlib.shake_256(b"large").digest(LARGE))]
    return package


@_makes
def _owners() -> Package:
    """rpm before 4.19 knows users only if they are there when files are unpacked: %pre."""
    package = own("owners", "Has files of its own user")
    owned = {"user": "owner", "group": "owners"}
    package.files = [
        directory("/srv/owned", 0o750, **owned),
        regular("/srv/owned/file", "mine\n", 0o640, **owned),
        regular("/srv/owned/of-root", "root's\n", 0o600, group="owners"),
        symlink("/srv/owned/link", "file", **owned),
    ]
    user = "useradd --uid 4711 --gid owners --home-dir /srv/owned --no-create-home"
    package.shell(
        "pre",
        "getent group owners > /dev/null || groupadd --gid 4712 owners\n"
        f"getent passwd owner > /dev/null || {user} --shell /sbin/nologin owner\n",
    )
    package.require("shadow-utils", flags=SCRIPT_PRE)
    return package


@_makes
def _sysusers() -> Package:
    """From rpm 4.19 on the user is made by rpm; before, after all files are there."""
    package = own("sysusers", "Has files of a user that sysusers.d(5) describes")
    line = 'u described 4721 "Described" /var/lib/described /sbin/nologin\n'
    owned = {"user": "described", "group": "described"}
    package.files = [
        regular("/usr/lib/sysusers.d/described.conf", line),
        directory("/var/lib/described", 0o750, **owned),
        regular("/var/lib/described/owned", "x\n", 0o640, **owned),
    ]
    package.provides = provided_by_sysusers(line)
    package.require("user(described)", "group(described)")
    return package


@_makes
def _documented() -> Package:
    package = own("documented", "Has documents and translations, that can be left out")
    package.files = [
        directory("/usr/share/doc/documented"),
        regular("/usr/share/doc/documented/README", "read me\n", flags=IS_DOC),
        regular("/usr/share/documented", "not a document\n"),
        *(
            regular(f"/usr/share/locale/{lang}/LC_MESSAGES/documented.mo", lang, lang=lang)
            for lang in ("de", "fr", "pt_BR")
        ),
    ]
    return package


@_makes
def _configured() -> Package:
    package = own("configured", "Has files of configuration")
    package.files = [
        regular("/etc/configured.conf", "a=1\n", flags=IS_CONFIG | NO_REPLACE),
        regular("/etc/configured.later", "", flags=IS_CONFIG | GHOST),
    ]
    return package


@_makes
def _names() -> Package:
    package = own("names", "Has files with names that need care")
    strange = ("two words", "quote'and\"quote", "ünïcödé", "-dash", "back\\slash", "$HOME", "a:b")
    package.files = [directory("/srv/names")]
    package.files += [regular(f"/srv/names/{name}", f"{name}\n") for name in strange]
    package.files.append(regular("/srv/names/" + "long" * 60, "long\n"))
    package.files.append(regular("/srv/names/old", "old\n", mtime=CLOCK - 10**9))
    return package
