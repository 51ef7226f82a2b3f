"""Which names, pictures and packages of a distribution are left in a tree of files.

What programs look up is no mark: ID_LIKE, the Parent of a vendor, versions. Nor is what a diversion
has put aside, or a link to another picture.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from appliance.backends.families.marks import Marks
from appliance.bundle.model import Package
from appliance.units import KIB
from appliance.work.file_tree import DIRECTORY, FILE, LINK, FileTree

LONGEST = 64 * KIB  # bytes that are read of one text
STATUS_LONGEST = 16 * 1024 * KIB  # of dpkg's list of packages
MOST = 200  # entries of one directory that are looked at
OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
# What people read, and what is shown to them: files, and directories of such files.
READ = (
    "/etc/issue", "/etc/issue.net", "/usr/lib/issue", "/usr/lib/issue.net", "/etc/motd",
    "/etc/lsb-release", "/etc/system-release", "/etc/redhat-release", "/etc/fedora-release",
    "/etc/centos-release", "/etc/almalinux-release", "/etc/rocky-release", "/etc/oracle-release",
    "/etc/dpkg/origins/default", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
    "/boot/extlinux/extlinux.conf", "/var/www/html/index.html",
    "/var/www/html/index.nginx-debian.html", "/usr/share/nginx/html/index.html",
    "/usr/share/testpage/index.html",
)  # fmt: skip
DIRECTORIES = (
    "/etc/issue.d", "/usr/lib/issue.d", "/etc/motd.d", "/usr/lib/motd.d", "/etc/update-motd.d",
    "/boot/loader/entries", "/boot/efi/loader/entries",
)  # fmt: skip
# Lines in which a name only says what something is made of, or where a program finds it.
REFERS = re.compile(r"^\s*(?:(?:ID_LIKE|CPE_NAME|PLATFORM_ID|Parent)\s*[=:]|#)")
TITLES = re.compile(r"^\s*(menuentry|title|menu title|menu label)\b")
MENUS = re.compile(r".*/(grub\.cfg|extlinux\.conf|loader/entries/[^/]*\.conf)")
DPKG = "/var/lib/dpkg/status"
INSTALLED = "install ok installed"
ASIDE = ".distrib"  # what dpkg-divert puts behind a name


def applies(tree: FileTree, marks: Marks) -> bool:
    """Whether the system in *tree* is made of the distribution with these *marks*, or is one that
    is like it; without an os-release, of none."""
    found = set()
    for path in (*OS_RELEASE, *(f"{path}{ASIDE}" for path in OS_RELEASE)):
        for line in _text(tree, path).splitlines():
            word, _, value = line.partition("=")
            if word in ("ID", "ID_LIKE"):
                found |= set(value.strip("\"'").split())
    return marks.like[0] in found


def names(tree: FileTree, marks: Marks) -> Iterator[tuple[str, str]]:
    """Each file that people read with one of the names, and the first line that has it."""
    told = re.compile(rf"\b({'|'.join(map(re.escape, marks.words))})\b")
    for path in _read(tree):
        menu = MENUS.fullmatch(path)
        for number, line in enumerate(_text(tree, path).splitlines(), 1):
            shown = TITLES.match(line) if menu else not REFERS.match(line)
            if shown and (found := told.search(line)):
                yield path, f"line {number} says {found[1]}"
                break


def pictures(tree: FileTree, marks: Marks) -> Iterator[str]:
    """The pictures of the distribution: files at its places that are no links to others."""
    plain = {path for path in marks.pictures if not set("*?[") & set(path)}
    found = {path for path in plain if (entry := tree.find(path)) and entry.kind == FILE}
    globs = [path for path in marks.pictures if path not in plain]
    if globs:
        above = tuple({glob.partition("*")[0].rpartition("/")[0] + "/" for glob in globs})
        for entry in tree.entries():
            aside = entry.path.endswith(ASIDE)
            if entry.kind != FILE or aside or not entry.path.startswith(above):
                continue
            if any(fnmatchcase(entry.path, glob) for glob in globs):
                found.add(entry.path)
    yield from sorted(found)


def packages(tree: FileTree, marks: Marks) -> Iterator[str]:
    """The installed packages, as far as dpkg lists them, that are nothing but marks."""
    globs = (*marks.release_packages, *marks.logo_packages)
    for name in _installed(tree):
        if any(fnmatchcase(name, glob) for glob in globs):
            yield name


def of_others(listed: Iterable[Package], makers: Sequence[str]) -> tuple[str, ...]:
    """The names of those packages that none of *makers* has made, as their origins say; those that
    do not say it are left out."""
    return tuple(
        package.name
        for package in listed
        if package.origin and not any(maker in package.origin for maker in makers)
    )


def _read(tree: FileTree) -> Iterator[str]:
    """The files that people read, each once, wherever links lead."""
    seen = set()
    places = [*OS_RELEASE, *READ]
    for directory in DIRECTORIES:
        places += _in(tree, directory)
    for place in places:
        path = _followed(tree, place)
        if path and path not in seen:
            seen.add(path)
            yield path


def _in(tree: FileTree, directory: str) -> Iterator[str]:
    """What is in one directory, in order of names, without what was put aside."""
    entry = tree.find(directory)
    if entry is None or entry.kind != DIRECTORY:
        return
    number, within = 0, False
    for each in tree.entries():
        if each.path.startswith(f"{directory}/"):
            within, number = True, number + 1
            if number <= MOST and not each.path.endswith(ASIDE):
                yield each.path
        elif within:
            return


def _followed(tree: FileTree, path: str) -> str:
    """The file that *path* is, or that it leads to by one link; empty if there is none."""
    entry = tree.find(path)
    if entry and entry.kind == LINK:
        base = "" if entry.target.startswith("/") else path.rpartition("/")[0]
        path = _normal(f"{base}/{entry.target}")
        entry = tree.find(path)
    return path if entry and entry.kind == FILE else ""


def _normal(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def _text(tree: FileTree, path: str) -> str:
    return tree.read(path, LONGEST).decode(errors="surrogateescape")


def _installed(tree: FileTree) -> Iterator[str]:
    """The names of the packages that dpkg lists as installed."""
    text = tree.read(DPKG, STATUS_LONGEST).decode(errors="replace")
    for stanza in text.split("\n\n"):
        said = dict(
            line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " "
        )
        if said.get("Status") == INSTALLED and "Package" in said:
            yield said["Package"]
