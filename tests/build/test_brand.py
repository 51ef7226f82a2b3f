"""A brand of one's own in the tree of a build: what says it, and that updates keep it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import tiny_distribution as tiny
from building import Yard
from pictures import png
from tiny_distribution import Entry, Package

OS_RELEASE = b"""\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
"""
SHEET = """\
[product]
name = "ACME Web"
version = "1.2"
vendor = "ACME"
url = "https://acme.example/web"

[brand]
support = "https://acme.example/help"
bugs = "mailto:bugs@acme.example"
colour = "#f1faee"
banner = "Authorised users only."
logo = "logo.png"

[[port]]
number = 443
"""
UPDATE = """\
%post --erroronfail
set -eu
dpkg --verify base-files > /root/before
dpkg -i /root/newer.deb
dpkg --verify base-files > /root/after
rm /root/newer.deb
readlink /etc/dpkg/origins/default > /root/vendor
cat /etc/os-release > /root/system
%end
"""


def base_files(version: str) -> Package:
    """A package with the files of Debian's, as far as they say whose system it is."""
    conffiles = ("/etc/issue", "/etc/issue.net", "/etc/update-motd.d/10-help-text")
    return Package(
        "base-files",
        (
            Entry("usr/lib/os-release", OS_RELEASE + f"# {version}\n".encode()),
            Entry("etc/os-release", link="../usr/lib/os-release"),
            Entry("etc/issue", f"Debian GNU/Linux 12 {version} \\n \\l\n".encode()),
            Entry("etc/issue.net", f"Debian GNU/Linux 12 {version}\n".encode()),
            Entry("etc/update-motd.d/10-help-text", b"#!/bin/sh\necho Debian\n", 0o755),
            Entry("etc/dpkg/origins/debian", b"Vendor: Debian\n"),
            Entry("usr/share/pixmaps/debian-logo.png", version.encode()),
        ),
        version=version,
        scripts={
            "postinst": "[ -e /etc/dpkg/origins/default ] || ln -s debian /etc/dpkg/origins/default"
        },
        conffiles=conffiles,
    )


@pytest.fixture(scope="module")
def named(archives: Path, open_place: Path) -> Iterator[Path]:
    """The keyring of an archive that has base-files, too."""
    with tiny.signer(open_place / "named") as (words, keyring):
        tiny.publish(
            archives / "named", (tiny.base(), *tiny.PACKAGES, base_files("1.0")), sign=words
        )
        yield keyring


@pytest.fixture
def branded(yard: Yard, named: Path) -> Yard:
    """A place with a sheet, which builds from that archive."""
    yard.keyring = named
    (yard.place / "tiny.toml").write_text(SHEET)
    (yard.place / "logo.png").write_bytes(png(1, 1))
    (yard.place / "newer.deb").write_bytes(base_files("2.0").deb())
    return yard


def cat(yard: Yard, path: str) -> str:
    words = ["debugfs", "-R", f"cat {path}", f"{yard.image()}?offset={1 << 20}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def build(yard: Yard, *words: str) -> None:
    recipe = yard.recipe("base-files", archive="named", more=UPDATE)
    copied = ("--copy", f"{yard.place / 'newer.deb'}:/root/")
    yard.build(recipe, "-f", "raw", *copied, *words)


def test_a_brand_is_said_everywhere_and_survives_an_update(branded: Yard) -> None:
    build(branded)

    assert cat(branded, "/root/before") == cat(branded, "/root/after") == ""
    assert cat(branded, "/usr/lib/os-release").splitlines() == [
        'NAME="ACME Web"', 'PRETTY_NAME="ACME Web 1.2"', "ID=acme-web", "ID_LIKE=debian",
        "VENDOR_NAME=ACME", "LOGO=acme-web-logo", 'ANSI_COLOR="38;2;241;250;238"',
        'HOME_URL="https://acme.example/web"', 'SUPPORT_URL="https://acme.example/help"',
        'BUG_REPORT_URL="mailto:bugs@acme.example"',
        'VERSION_ID="12"', "VERSION_CODENAME=bookworm",
    ]  # fmt: skip
    assert "# 2.0" in cat(branded, "/usr/lib/os-release.distrib")
    assert cat(branded, "/etc/issue").startswith("ACME Web 1.2 \\n \\l\n\nWeb page: https://\\4/\n")
    assert cat(branded, "/etc/issue.net") == "Authorised users only.\n"
    assert "Support:        https://acme.example/help" in cat(branded, "/etc/motd")
    assert cat(branded, "/etc/dpkg/origins/acme-web").splitlines() == [
        "Vendor: ACME Web", "Vendor-URL: https://acme.example/web",
        "Bugs: mailto:bugs@acme.example", "Parent: Debian",
    ]  # fmt: skip
    assert cat(branded, "/root/vendor") == "acme-web\n"
    assert cat(branded, "/etc/update-motd.d/10-help-text") == ""


def test_without_any_name_nothing_is_left_of_the_distributions(branded: Yard) -> None:
    build(branded, "--unbrand", "--image-version", "7")

    assert cat(branded, "/root/before") == cat(branded, "/root/after") == ""
    assert cat(branded, "/root/system").splitlines() == [
        "NAME=Linux", "PRETTY_NAME=Linux", "ID=linux", "ID_LIKE=debian", "IMAGE_ID=tiny",
        "IMAGE_VERSION=7", 'VERSION_ID="12"', "VERSION_CODENAME=bookworm",
    ]  # fmt: skip
    for path in ("/etc/issue", "/etc/issue.net", "/etc/motd"):
        assert "Debian" not in cat(branded, path)
