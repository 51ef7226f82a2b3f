"""What is left of a distribution's names where people see them."""

from collections.abc import Iterator, Mapping

import pytest

from appliance.backends.brands import left
from appliance.backends.families import KNOWN
from appliance.work.file_tree import FILE, LINK, Entry

DEBIAN, FEDORA, ROCKY = (KNOWN[name].marks for name in ("debian", "fedora", "rocky"))


class Files:
    """A tree of files out of a table; a text that begins with -> is a link."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)

    def entries(self) -> Iterator[Entry]:
        return (entry for path in sorted(self.files) if (entry := self.find(path)))

    def find(self, path: str) -> Entry | None:
        text = self.files.get(path)
        if text is None:
            return None
        if text.startswith("-> "):
            return Entry(path, LINK, 0o777, 0, 0, 0, 0, text.removeprefix("-> "))
        return Entry(path, FILE, 0o644, 0, 0, len(text), 0)

    def read(self, path: str, limit: int) -> bytes:
        text = self.files.get(path, "")
        return b"" if text.startswith("-> ") else text.encode()[:limit]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("/usr/lib/os-release", 'PRETTY_NAME="Debian GNU/Linux 12"\n', 1),
        ("/etc/issue", "ACME\nmade for Debian \\l\n", 2),
        ("/etc/motd", "\udcff\n\nDebian GNU/Linux comes with ABSOLUTELY NO WARRANTY\n", 3),
        ("/boot/grub/grub.cfg", 'set timeout=1\nmenuentry "Debian" {\n', 2),
        ("/boot/loader/entries/a-6.1.conf", "title Debian GNU/Linux\nversion 6.1\n", 1),
        ("/boot/extlinux/extlinux.conf", "  menu label Debian 6.1\n", 1),
        ("/var/www/html/index.nginx-debian.html", "<h1>Welcome to nginx on Debian!</h1>\n", 1),
    ],
)
def test_a_name_where_people_read_it_is_told_with_its_line(path: str, text: str, line: int) -> None:
    assert list(left.said(path, text, DEBIAN)) == [f"line {line} says Debian"]
    assert not list(left.said(path, text, FEDORA))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/usr/lib/os-release", "NAME=ACME\nID_LIKE=debian\n"),
        ("/usr/lib/os-release", 'CPE_NAME="cpe:/o:Debian:x"\n# Debian\n'),
        ("/etc/issue", "ACME of Debianville\n"),
        ("/boot/grub/grub.cfg", "    linux /vmlinuz root=LABEL=Debian\n"),
        ("/boot/loader/entries/a.conf", "title ACME\noptions root=LABEL=Debian\n"),
    ],
)
def test_what_programs_look_up_is_none(path: str, text: str) -> None:
    assert not list(left.said(path, text, DEBIAN))


def test_those_who_follow_others_are_told_by_their_own_names() -> None:
    text = "Rocky Linux release 9 (Derived from Red Hat Enterprise Linux 9)\n"
    assert list(left.said("/etc/redhat-release", text, ROCKY)) == ["line 1 says Rocky Linux"]
    assert list(left.said("/etc/redhat-release", text, KNOWN["rhel"].marks)) == [
        "line 1 says Red Hat"
    ]


def test_installed_packages_of_pictures_are_told() -> None:
    status = "".join(
        f"Package: {name}\nStatus: {state}\nDescription: x\n more: y\n\n"
        for name, state in (
            ("desktop-base", "install ok installed"), ("dpkg", "install ok installed"),
            ("debian-artwork", "deinstall ok config-files"),
        )
    )  # fmt: skip
    tree = Files({left.DPKG: status})
    assert list(left.packages(tree, DEBIAN)) == ["desktop-base"]
    assert not list(left.packages(Files({}), DEBIAN))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"/etc/dpkg/origins/default": "-> debian", "/etc/dpkg/origins/debian": "Vendor: Debian\n"},
         "/etc/dpkg/origins/debian"),
        ({"/etc/dpkg/origins/default": "-> /etc/dpkg/origins/acme",
          "/etc/dpkg/origins/debian": "Vendor: Debian\n",
          "/etc/dpkg/origins/acme": "Vendor: ACME\nParent: Debian\n"}, ""),
        ({"/etc/dpkg/origins/default": "Vendor: Debian\n"}, "/etc/dpkg/origins/default"),
        ({"/etc/dpkg/origins/default": "-> ../../nowhere"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_whom_dpkg_takes_for_the_vendor(files: dict[str, str], told: str) -> None:
    assert left.vendor(Files(files), DEBIAN) == told
