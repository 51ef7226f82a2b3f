"""Which names and packages of a distribution are left where people see them.

What programs look up is no mark: ID_LIKE, the Parent of a vendor, versions. Nor is what a diversion
has put aside.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from appliance.backends.families.marks import Marks
from appliance.units import KIB, MIB
from appliance.work.file_tree import LINK, FileTree

LONGEST = 64 * KIB  # bytes that are read of one file that says who a vendor is
STATUS_LONGEST = 16 * MIB  # of dpkg's list of packages
# What people read before and after they log in, in menus, and on a web page that nobody wrote.
READ = (
    "/etc/os-release", "/usr/lib/os-release", "/usr/lib/appliance/os-release",
    "/etc/issue", "/etc/issue.net", "/usr/lib/issue", "/usr/lib/issue.net", "/etc/issue.d/*",
    "/usr/lib/issue.d/*", "/etc/motd", "/etc/motd.d/*", "/usr/lib/motd.d/*",
    "/etc/update-motd.d/*", "/etc/lsb-release", "/etc/*-release",
    "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/extlinux/extlinux.conf",
    "/boot/loader/entries/*.conf", "/boot/efi/loader/entries/*.conf", "/loader/entries/*.conf",
    "/var/www/html/index*.html", "/usr/share/nginx/html/index.html",
    "/usr/share/testpage/index.html",
)  # fmt: skip
ASIDE = ".distrib"  # what dpkg-divert puts behind a name
PUT_ASIDE = tuple(f"{path}{ASIDE}" for path in READ)
# Lines in which a name only says what something is made of, or that nobody is shown.
REFERS = re.compile(r"^\s*(?:(?:ID_LIKE|CPE_NAME|PLATFORM_ID)\s*=|#)")
TITLES = re.compile(r"^\s*(menuentry|title|menu title|menu label)\b")
MENUS = re.compile(r".*/(grub\.cfg|extlinux\.conf|loader/entries/[^/]*\.conf)")
DPKG = "/var/lib/dpkg/status"
INSTALLED = "install ok installed"
VENDOR = "/etc/dpkg/origins/default"


def said(path: str, text: str, marks: Marks) -> Iterator[str]:
    """Where the *text* of the file *path* first says one of the names, if it does."""
    told = re.compile(rf"\b({'|'.join(map(re.escape, marks.words))})\b")
    menu = MENUS.fullmatch(path)
    for number, line in enumerate(text.splitlines(), 1):
        shown = TITLES.match(line) if menu else not REFERS.match(line)
        if shown and (found := told.search(line)):
            yield f"line {number} says {found[1]}"
            return


def packages(tree: FileTree, marks: Marks) -> Iterator[str]:
    """The installed packages, as far as dpkg lists them, that hold nothing but marks."""
    globs = (*marks.release_packages, *marks.logo_packages)
    for name in _installed(tree):
        if any(fnmatchcase(name, glob) for glob in globs):
            yield name


def vendor(tree: FileTree, marks: Marks) -> str:
    """The file that tells dpkg the distribution's name as that of whoever makes this system; empty
    if none does."""
    entry = tree.find(VENDOR)
    if entry and entry.kind == LINK:
        path = f"/etc/dpkg/origins/{entry.target.rpartition('/')[2]}"
    else:
        path = VENDOR
    for line in tree.read(path, LONGEST).decode(errors="replace").splitlines():
        word, _, value = line.partition(":")
        if word == "Vendor" and value.strip() in marks.words:
            return path
    return ""


def _installed(tree: FileTree) -> Iterator[str]:
    """The names of the packages that dpkg lists as installed."""
    text = tree.read(DPKG, STATUS_LONGEST).decode(errors="replace")
    for stanza in text.split("\n\n"):
        rows = dict(
            line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " "
        )
        if rows.get("Status") == INSTALLED and "Package" in rows:
            yield rows["Package"]
