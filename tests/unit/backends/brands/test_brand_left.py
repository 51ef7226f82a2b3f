"""What is left of a distribution's names and pictures in a tree of files."""

from collections.abc import Iterator, Mapping

import pytest

from appliance.backends.brands import left
from appliance.backends.families import KNOWN
from appliance.bundle.model import Package
from appliance.work.file_tree import DIRECTORY, FILE, LINK, Entry

DEBIAN, FEDORA, ROCKY = (KNOWN[name].marks for name in ("debian", "fedora", "rocky"))
PLAIN = {
    "/usr/lib/os-release": 'NAME="Debian GNU/Linux"\nID=debian\n',
    "/etc/os-release": "-> ../usr/lib/os-release",
    "/etc/issue": "Debian GNU/Linux 12 \\n \\l\n",
    "/etc/motd": "\nThe programs included with the Debian system are free software\n",
    "/etc/dpkg/origins/debian": "Vendor: Debian\n",
    "/etc/dpkg/origins/default": "-> debian",
    "/usr/share/pixmaps/debian-logo.png": "PNG",
    "/usr/share/desktop-base/active/logo.svg": "<svg/>",
    "/var/lib/dpkg/status": "Package: desktop-base\nStatus: install ok installed\n\n"
    "Package: dpkg\nStatus: install ok installed\n",
}
BRANDED = {
    "/usr/lib/os-release": "NAME=ACME\nID=acme\nID_LIKE=debian\n",
    "/usr/lib/os-release.distrib": 'NAME="Debian GNU/Linux"\nID=debian\n',
    "/etc/os-release": "-> ../usr/lib/os-release",
    "/etc/issue": "ACME \\n \\l\n",
    "/etc/issue.distrib": "Debian GNU/Linux 12 \\n \\l\n",
    "/etc/dpkg/origins/acme": "Vendor: ACME\nParent: Debian\n",
    "/etc/dpkg/origins/default": "-> acme",
    "/etc/update-motd.d/10-help-text.distrib": "echo Debian\n",
    "/usr/share/pixmaps/acme-logo.png": "PNG",
    "/usr/share/pixmaps/debian-logo.png": "-> acme-logo.png",
    "/usr/share/pixmaps/debian-logo.png.distrib": "PNG",
    "/boot/grub/grub.cfg": 'menuentry "ACME" {\n    linux /boot/vmlinuz-6.1-Debian\n}\n',
    "/var/lib/dpkg/status": "Package: desktop-base\nStatus: deinstall ok config-files\n",
}


class Files:
    """A tree of files out of a table; a text that begins with -> is a link."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)

    def entries(self) -> Iterator[Entry]:
        above = {path[:end] for path in self.files for end in range(len(path)) if path[end] == "/"}
        for path in sorted({*above, *self.files} - {""}):
            if entry := self.find(path):
                yield entry

    def find(self, path: str) -> Entry | None:
        text = self.files.get(path)
        if text is None:
            inside = any(name.startswith(f"{path}/") for name in self.files)
            return Entry(path, DIRECTORY, 0o755, 0, 0, 0, 0) if inside else None
        if text.startswith("-> "):
            return Entry(path, LINK, 0o777, 0, 0, 0, 0, text.removeprefix("-> "))
        return Entry(path, FILE, 0o644, 0, 0, len(text), 0)

    def read(self, path: str, limit: int) -> bytes:
        text = self.files.get(path, "")
        return b"" if text.startswith("-> ") else text.encode(errors="surrogateescape")[:limit]

    def pieces(self, path: str) -> Iterator[bytes]:
        yield self.read(path, 1 << 30)


def test_a_distribution_itself_has_all_of_its_own() -> None:
    tree = Files(PLAIN)
    assert left.applies(tree, DEBIAN)
    assert not left.applies(tree, FEDORA)
    assert dict(left.names(tree, DEBIAN)) == {
        "/usr/lib/os-release": "line 1 says Debian",
        "/etc/issue": "line 1 says Debian",
        "/etc/motd": "line 2 says Debian",
        "/etc/dpkg/origins/debian": "line 1 says Debian",
    }
    assert list(left.pictures(tree, DEBIAN)) == [
        "/usr/share/desktop-base/active/logo.svg", "/usr/share/pixmaps/debian-logo.png",
    ]  # fmt: skip
    assert list(left.packages(tree, DEBIAN)) == ["desktop-base"]


def test_a_branded_system_has_none() -> None:
    tree = Files(BRANDED)
    assert left.applies(tree, DEBIAN)
    assert not list(left.names(tree, DEBIAN))
    assert not list(left.pictures(tree, DEBIAN))
    assert not list(left.packages(tree, DEBIAN))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/boot/grub/grub.cfg", 'menuentry "Debian" {\n'),
        ("/boot/loader/entries/a.conf", "title Debian GNU/Linux\nversion 6.1\n"),
        ("/etc/issue.d/50-x.issue", "made for Debian\n"),
        ("/var/www/html/index.nginx-debian.html", "<h1>Welcome to nginx on Debian</h1>\n"),
        ("/etc/motd", "\udcff Debian\n"),
    ],
)
def test_each_place_where_people_read_it_is_found(path: str, text: str) -> None:
    found = list(left.names(Files({**BRANDED, path: text}), DEBIAN))
    assert [place for place, _ in found] == [path]


def test_those_who_follow_others_may_show_their_marks_too() -> None:
    tree = Files(
        {
            "/usr/lib/os-release": 'NAME=ACME\nID=acme\nID_LIKE="rocky rhel centos fedora"\n',
            "/etc/redhat-release": "Rocky Linux release 9\n",
            "/usr/share/pixmaps/fedora-logo.png": "PNG",
            "/usr/share/pixmaps/poweredby.png": "PNG",
        }
    )
    assert all(left.applies(tree, KNOWN[name].marks) for name in ("rocky", "rhel", "fedora"))
    assert dict(left.names(tree, ROCKY)) == {"/etc/redhat-release": "line 1 says Rocky Linux"}
    assert list(left.pictures(tree, ROCKY)) == [
        "/usr/share/pixmaps/fedora-logo.png", "/usr/share/pixmaps/poweredby.png",
    ]  # fmt: skip


def test_links_that_lead_nowhere_or_in_circles_cost_nothing() -> None:
    tree = Files({"/etc/os-release": "-> os-release", "/etc/issue": "-> ../../../../../nowhere"})
    assert not left.applies(tree, DEBIAN)
    assert not list(left.names(tree, DEBIAN))


def test_packages_of_others_are_told_by_their_origins() -> None:
    listed = [
        Package(name, "1", "all", "", 1, "r", origin=origin)
        for name, origin in (("dpkg", "Debian"), ("agent", "Vendor Inc."), ("silent", ""))
    ]
    assert left.of_others(listed, ("Debian",)) == ("agent",)
