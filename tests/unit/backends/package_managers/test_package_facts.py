"""What package files of both kinds say of themselves, and what they need of each other."""

from pathlib import Path

import pytest

import tiny_distribution as tiny
from appliance.backends.package_managers import deb_file, rpm_file
from appliance.backends.package_managers.package_facts import PackageFacts, needs
from appliance.errors import SourceError
from appliance.host.download import RemoteAccess, WantedFile
from appliance.packages.deb_files import make_plain
from tiny_distribution import Entry, Package

COPYRIGHT = b"""\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
License: Expat
"""


def kept(tmp_path: Path, package: Package) -> Path:
    """The file of *package* as the store keeps it."""
    data = package.deb()
    target = tmp_path / "fetched"
    target.write_bytes(data)
    make_plain(WantedFile(RemoteAccess(("x",)), "p", package.name, package.name, len(data), target))
    return tmp_path / f"{package.name}.deb"


def test_a_debian_package_says_its_source_licence_size_and_needs(tmp_path: Path) -> None:
    web = Package(
        "web", (Entry("usr/share/doc/web/copyright", COPYRIGHT),), "1:2-3",
        depends="libc6 (>= 2), mail | mta:any",
        more="Source: web-src (2-1)\nInstalled-Size: 12\nPriority: optional\nProvides: httpd, x\n",
    )  # fmt: skip
    assert deb_file.read(kept(tmp_path, web)) == PackageFacts(
        source="web-src",
        source_version="2-1",
        licence="MIT",
        installed_size=12 * 1024,
        priority="optional",
        requires=(("libc6",), ("mail", "mta")),
        provides=("httpd", "x"),
    )


@pytest.mark.parametrize(
    "entry",
    [
        Entry("usr/share/doc/web", link="base"),
        Entry("usr/share/doc/web/copyright", link="../base/copyright"),
    ],
)
def test_its_documentation_may_be_another_packages(tmp_path: Path, entry: Entry) -> None:
    facts = deb_file.read(kept(tmp_path, Package("web", (entry,), "7")))
    assert (facts.documented_by, facts.licence) == ("base", "")
    assert (facts.source, facts.source_version) == ("web", "7")


@pytest.mark.parametrize("spoil", [0, 9, 60, 70, 150])
def test_a_damaged_debian_package_is_said_to_be_one(tmp_path: Path, spoil: int) -> None:
    file = tmp_path / "a.deb"
    data = bytearray(Package("a").deb())
    data[spoil : spoil + 60] = b"\xff" * 60
    file.write_bytes(data)
    with pytest.raises(SourceError, match=r"a\.deb is not a Debian package"):
        deb_file.read(file)


def test_one_without_a_control_member_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "a.deb"
    file.write_bytes(b"!<arch>\n")
    with pytest.raises(SourceError, match="has no control member"):
        deb_file.read(file)


@pytest.mark.parametrize(
    ("file", "epoch", "source"),
    [
        ("gcc-14.2.1-3.fc41.src.rpm", 0, ("gcc", "14.2.1-3.fc41")),
        ("a-b-1-2.nosrc.rpm", 4, ("a-b", "4:1-2")),
        ("", 0, ("", "")),
        ("odd.src.rpm", 0, ("", "")),
    ],
)
def test_a_source_package_is_understood_by_its_files_name(
    file: str, epoch: int, source: tuple[str, str]
) -> None:
    assert rpm_file.source_of(file, epoch) == source


@pytest.mark.parametrize(
    ("need", "choices"),
    [
        ("/bin/sh", [("/usr/bin/sh",)]),
        ("(a or b)", [("a", "b")]),
        ("(a >= 1 with a < 2)", [("a",), ("a",)]),
        ("(a if b)", [("a",)]),
        ("((a or b(x)) if c)", [("a", "b(x)")]),
    ],
)
def test_what_an_rpm_package_needs_is_taken_apart(need: str, choices: list[object]) -> None:
    assert list(rpm_file.choices_of(need)) == choices


def test_needs_are_names_of_the_list() -> None:
    packages = [
        ("web", PackageFacts(requires=(("libc6",), ("mta", "postfix"), ("gone",)))),
        ("libc6", PackageFacts(requires=(("libc6",),))),
        ("exim", PackageFacts(provides=("mta",), requires=(("/usr/bin/sh",),))),
        ("dash", PackageFacts(provides=("/usr/bin/sh",))),
    ]
    assert needs(packages) == [("exim", "libc6"), (), ("dash",), ()]


def test_the_tiny_distribution_is_read_whole(tmp_path: Path) -> None:
    for package in tiny.PACKAGES:
        assert deb_file.read(kept(tmp_path, package)).source == package.name
