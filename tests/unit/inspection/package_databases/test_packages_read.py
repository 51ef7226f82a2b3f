"""The lists of packages, as dpkg and rpm keep them."""

import sqlite3
import struct
from collections.abc import Callable, Mapping
from hashlib import md5
from pathlib import Path

import pytest

from appliance.bundle.model import Package
from appliance.inspection.catalogue import Catalogue
from appliance.inspection.installed import Budget
from appliance.inspection.package_databases import dpkg_database, rpm_blobs
from appliance.inspection.package_databases.package_list import ownership, told
from appliance.inspection.sections.sizes import by_directory, by_package, size_rows
from appliance.inspection.sections.special_files import unowned
from appliance.intake.trees.directory import DirectoryTree

Made = Callable[[Mapping[str, str]], Catalogue]
SHOP = "shop\n"
STATUS = f"""\
Package: shop
Status: install ok installed
Maintainer: Ann <ann@example.org>
Installed-Size: 12
Architecture: all
Source: shop-src (2.0)
Version: 1:2.0-1
Depends: libshop (>= 1) | nothing
Description: sells things
 and more of them
Conffiles:
 /etc/shop.conf {md5(b"as it was").hexdigest()}
 /etc/gone.conf {"0" * 32} obsolete

Package: libshop
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 1.0
Origin: Ours
Description: what it needs

Package: left
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: ../../evil
Status: install ok installed
Version: 1
"""
INFO = "/var/lib/dpkg/info"
SYSTEM = {
    "/lib": "-> usr/lib",
    "/var/lib/dpkg/status": STATUS,
    f"{INFO}/shop.list": "/.\n/usr\n/usr/bin\n/usr/bin/shop\n/usr/share/gone\n/etc/shop.conf\n",
    f"{INFO}/shop.md5sums": f"{md5(SHOP.encode()).hexdigest()}  usr/bin/shop\n"
    f"{'1' * 32}  usr/share/gone\n",
    f"{INFO}/libshop:amd64.list": "/lib/libshop.so\n/usr/bin/other\n",
    f"{INFO}/libshop:amd64.md5sums": f"{'2' * 32}  lib/libshop.so\n",
    "/var/lib/dpkg/diversions": "/usr/bin/other\n/usr/bin/other.real\nshop\n",
    "/var/lib/apt/extended_states": "Package: libshop\nArchitecture: amd64\nAuto-Installed: 1\n",
    "/usr/share/doc/shop/copyright": "Format: https://www.debian.org/doc/packaging-manuals/"
    "copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n",
    "/usr/bin/shop": SHOP,
    "/usr/bin/other.real": "the library's\n",
    "/usr/lib/libshop.so": "changed\n",
    "/etc/shop.conf": "as it is now\n",
    "/srv/own/deep/file": "1234567890",
    "/srv/own/other": "12345",
}


def test_packages_are_told_with_all_that_dpkg_and_apt_know(made: Made) -> None:
    image = made(SYSTEM)
    owned, notes = ownership(image)
    library, shop = told(owned, image, ())
    assert notes == ()
    assert (shop.name, shop.version, shop.architecture) == ("shop", "1:2.0-1", "all")
    assert (shop.source, shop.source_version, shop.licence) == ("shop-src", "2.0", "MIT")
    assert (shop.origin, shop.summary) == ("Ann <ann@example.org>", "sells things")
    assert (shop.reason, library.reason) == ("asked", "needed")
    assert (shop.needs, library.needed_by) == (("libshop",), ("shop",))
    assert (shop.said_size, library.origin) == (12 * 1024, "Ours")
    assert owned.name("/usr/lib/libshop.so") == "libshop"
    assert owned.name("/usr/bin/other.real") == "libshop"
    assert owned.name(f"{INFO}/shop.list") == "shop"
    assert owned.name("/srv/own/other") == ""


def test_what_a_bundle_knows_of_a_package_comes_first(made: Made) -> None:
    image = made(SYSTEM)
    known = [
        Package("shop", "1:2.0-1", "all", "", 0, "", licence="ISC", origin="Us", reason="setting"),
        Package("libshop", "9", "amd64", "", 0, "", licence="ISC"),
    ]
    library, shop = told(ownership(image)[0], image, known)
    assert (shop.licence, shop.origin, shop.reason) == ("ISC", "Us", "setting")
    assert library.licence == ""  # another version: this list is not of this image


def test_changed_files_are_marked_as_dpkg_does(made: Made) -> None:
    budget = Budget()
    changed = [
        (each.marks, each.kind, each.path)
        for package in ownership(made(SYSTEM))[0].packages
        for each in package.verify(budget)
    ]
    assert changed == [
        ("missing", "", "/usr/share/gone"),
        ("??5??????", "c", "/etc/shop.conf"),
        ("??5??????", "", "/lib/libshop.so"),
    ]


def test_what_would_be_too_much_to_read_is_counted(made: Made) -> None:
    budget = Budget(3)
    for package in ownership(made(SYSTEM))[0].packages:
        list(package.verify(budget))
    assert budget.skipped == ["/usr/bin/shop", "/etc/shop.conf", "/lib/libshop.so"]


def test_sizes_are_one_sum_by_directory_and_by_package(made: Made) -> None:
    image = made(SYSTEM)
    rows = size_rows(image, ownership(image)[0])
    directories, packages = by_directory(rows), by_package(rows)
    whole = sum(entry.size for entry in image.by_path.values())
    assert directories.size == packages.size == whole
    assert directories.files == packages.files == sum(row.files for row in rows)
    sizes = {part.name: part.size for part in directories.parts}
    assert sizes["srv"] == 15
    by_name = {part.name: part for part in packages.parts}
    assert by_name["libshop"].files == 4  # two, and dpkg's own two about it
    assert [part.size for part in packages.parts] == sorted(sizes_of(packages.parts), reverse=True)


def sizes_of(parts: object) -> list[int]:
    return [part.size for part in parts]  # type: ignore[attr-defined]


def test_a_directory_of_no_package_is_told_once(made: Made) -> None:
    image = made(SYSTEM)
    found = {each.path: each for each in unowned(image, ownership(image)[0])}
    assert (found["/srv"].size, found["/srv"].files) == (15, 5)
    assert "/srv/own" not in found
    assert found["/var/lib/dpkg/status"].kind == "file"
    assert not {"/usr", "/usr/bin", "/usr/bin/shop", f"{INFO}/shop.list"} & found.keys()


def test_fields_that_mean_nothing_are_passed_over(made: Made) -> None:
    image = made({"/var/lib/dpkg/status": "rubbish\n\n\n\nPackage: a\nStatus: install\n:\n"})
    assert [each.facts.name for each in dpkg_database.packages(image)] == ["a"]
    assert ownership(made({"/var/lib/dpkg/status": ""}))[0].packages == ()


def blob(*strings: tuple[int, str]) -> bytes:
    """A header with these strings, as rpm keeps it."""
    index, data = b"", b""
    for tag, text in strings:
        index += struct.pack(">IIII", tag, 6, len(data), 1)
        data += text.encode() + b"\0"
    return struct.pack(">II", len(strings), len(data)) + index + data


NAMED = blob((1000, "greeting"), (1001, "2.0"), (1002, "1"), (1022, "noarch"), (1014, "MIT"),
             (1044, "greet-2.0-1.src.rpm"))  # fmt: skip


def ndb(*blobs: bytes) -> bytes:
    """A database of rpm's own format, with one page of slots."""
    slots, data = b"", b""
    for number, each in enumerate(blobs, start=1):
        at = (4096 + len(data)) // 16
        slots += struct.pack("<4sIII", b"Slot", number, at, (len(each) + 47) // 16)
        data += (struct.pack("<4sIII", b"BlbS", number, 1, len(each)) + each).ljust(
            (len(each) + 31) // 16 * 16, b"\0"
        )
    head = struct.pack("<4sIII", b"RpmP", 0, 1, 1).ljust(32, b"\0")
    return (head + slots).ljust(4096, b"\0") + data


def database(place: Path, name: str, *blobs: bytes) -> Catalogue:
    path = place / "usr/lib/sysimage/rpm" / name
    path.parent.mkdir(parents=True)
    if name == "rpmdb.sqlite":
        with sqlite3.connect(path) as made:
            made.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
            made.executemany("INSERT INTO Packages (blob) VALUES (?)", [(each,) for each in blobs])
    else:
        path.write_bytes(ndb(*blobs))
    return Catalogue(DirectoryTree(place))


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages.db"])
def test_packages_of_rpm_are_read_out_of_its_headers(tmp_path: Path, name: str) -> None:
    key = blob((1000, "gpg-pubkey"), (1001, "1"), (1002, "1"))
    owned, notes = ownership(database(tmp_path, name, NAMED, key, b"damaged"))
    [package] = owned.packages
    said = package.facts
    assert (said.name, said.version, said.architecture) == ("greeting", "2.0-1", "noarch")
    assert (said.source, said.source_version, said.licence) == ("greet", "2.0-1", "MIT")
    assert notes == ("a package in rpm's database is damaged: it is cut off",)


def test_a_package_of_rpm_whose_values_are_outside_it_is_said_and_passed_over(
    tmp_path: Path,
) -> None:
    outside = struct.pack(">IIIIII", 1, 4, 1000, 6, 0, 1) + b"abcd"
    owned, notes = ownership(database(tmp_path, "rpmdb.sqlite", outside, NAMED))
    assert [each.facts.name for each in owned.packages] == ["greeting"]
    assert notes == ("a package in rpm's database is damaged: a text of it has no end",)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("rpmdb.sqlite", b"no database at all" * 100, "damaged"),
        ("Packages.db", b"nothing", "damaged"),
        ("Packages", b"\0" * 64, "Berkeley DB"),
    ],
)
def test_a_database_that_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / "var/lib/rpm" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    owned, notes = ownership(Catalogue(DirectoryTree(tmp_path)))
    assert owned.packages == ()
    assert why in notes[0]


def test_a_database_that_is_a_trap_ends(tmp_path: Path) -> None:
    path = tmp_path / "var/lib/rpm/rpmdb.sqlite"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as made:
        made.execute(
            "CREATE VIEW Packages AS WITH RECURSIVE c(blob, hnum) AS "
            "(SELECT 1, 1 UNION ALL SELECT blob + 1, 1 FROM c) SELECT * FROM c"
        )
    with pytest.raises(rpm_blobs.UnreadError, match="no table of packages"):
        list(rpm_blobs.blobs(Catalogue(DirectoryTree(tmp_path))))
