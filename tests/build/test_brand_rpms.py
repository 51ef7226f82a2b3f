"""A brand of one's own in an RPM distribution: chosen before anything is resolved, kept by updates
of the distribution's release package."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli import main
from pictures import png
from rpm_distribution.names import VERSION
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package, regular, symlink
from rpm_distribution.system import own
from rpm_fixtures import RpmYard

SHEET = """\
[product]
name = "ACME Web"
version = "1.2"

[brand]
id = "acme"
logo = "logo.png"
{more}
"""
OWN = 'release-package = "acme-release"'


def release(name: str, title: str, version: str) -> Package:
    """A release package called *name*, with the files that all of them have."""
    package = own(name, f"Release files of {title}", VERSION)
    package.release = version
    text = f'NAME="{title}"\nID={name.partition("-")[0]}\nVERSION_ID={VERSION}\n'
    package.files = [
        regular("/usr/lib/os-release", f"{text}# {version}\n"),
        symlink("/etc/os-release", "../usr/lib/os-release"),
        regular("/etc/issue", f"{title} \\l\n"),
    ]
    package.provide("system-release", "system-release(releasever)", version=VERSION)
    return package


def empty(name: str) -> Package:
    return own(name, "Nothing", VERSION)


@pytest.fixture(scope="module")
def releases(rpm_server: object, open_place: Path) -> Iterator[Path]:
    """The repositories `names`, with the release packages of a distribution and one without a name,
    `newer`, with newer ones, and `acme`, with the package of a brand."""
    place = open_place / "rpm-mirror"
    kinds = (("fedora-release", "Fedora Linux"), ("generic-release", "Generic"))
    old = [release(name, title, "1") for name, title in kinds]
    others = [empty(name) for name in ("fedora-logos", "generic-logos", "fedora-repos")]
    publish(place / "names", ready([*old, *others]), None)
    publish(place / "newer", ready([release(name, title, "2") for name, title in kinds]), None)
    sheet = open_place / "acme.toml"
    sheet.write_text(SHEET.format(more=OWN))
    (open_place / "logo.png").write_bytes(png(1, 1))
    (place / "acme").mkdir()
    typed = ["brand", "rpm", str(sheet), "--base", f"fedora-{VERSION}"]
    assert main([*typed, "-o", str(place / "acme")]) == 0
    subprocess.run(["createrepo_c", "--quiet", place / "acme"], check=True)
    yield place
    for name in ("names", "newer", "acme"):
        shutil.rmtree(place / name)


@pytest.fixture
def acme(rpm_yard: RpmYard, releases: Path) -> RpmYard:
    (rpm_yard.place / "logo.png").write_bytes(png(1, 1))
    return rpm_yard


UNCHECKED = ("--no-gpg-check", "names", "--no-gpg-check", "acme")


def names(yard: RpmYard, *lines: str, more: str = "", archive: str = "base names acme") -> set[str]:
    recipe = yard.recipe(*lines, archive=archive)
    recipe.with_suffix(".toml").write_text(SHEET.format(more=more))
    return set(yard.lock(recipe, *UNCHECKED))


def test_the_neutral_packages_are_chosen_whatever_a_kickstart_says(acme: RpmYard) -> None:
    found = names(acme, "fedora-logos", "-generic-release*", "-generic-logos")
    assert {"generic-release", "generic-logos"} <= found
    assert not {"fedora-release", "fedora-logos", "acme-release"} & found


def test_a_release_package_of_ones_own_is_chosen(acme: RpmYard) -> None:
    found = names(acme, "-acme-*", more=OWN)
    assert {"acme-release", "generic-logos"} <= found
    assert not {"generic-release", "fedora-release"} & found


def tree(yard: RpmYard, more: str) -> Path:
    """Build the files of an image, and unpack them."""
    recipe = yard.recipe(archive="base names acme")
    recipe.with_suffix(".toml").write_text(SHEET.format(more=more))
    yard.build(recipe, "-f", "tar", *UNCHECKED)
    place = yard.place / "tree"
    place.mkdir()
    (packed,) = (yard.output / "tiny").glob("*.tar*")
    subprocess.run(["tar", "-xf", packed, "-C", place], check=True)
    return place


def database(place: Path) -> str:
    (found,) = place.glob("*/lib/**/rpmdb.sqlite")
    return f"/{found.parent.relative_to(place)}"


def verified(place: Path, package: str) -> str:
    words = ["rpm", "--root", place, "--dbpath", database(place), "-V", package]
    return subprocess.run(words, check=False, capture_output=True, text=True).stdout


def updated(place: Path, mirror: Path, *repositories: str) -> str:
    """Update everything in the tree *place* by dnf, from *repositories*."""
    words = ["dnf", "-y", f"--installroot={place}", f"--releasever={VERSION}", "--nogpgcheck",
             "--setopt=reposdir=/dev/null", f"--setopt=cachedir={place}-cache",
             "--disablerepo=*"]  # fmt: skip
    for name in repositories:
        words += [f"--repofrompath={name},{mirror / name}", f"--enablerepo={name}"]
    macros = place.parent / "home"
    macros.mkdir(exist_ok=True)
    (macros / ".rpmmacros").write_text(f"%_dbpath {database(place)}\n")
    done = subprocess.run(
        [*words, "upgrade"], check=True, capture_output=True, text=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(macros), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.stdout + done.stderr


def test_its_own_release_package_survives_an_update(acme: RpmYard, releases: Path) -> None:
    place = tree(acme, OWN)
    assert verified(place, "acme-release") == ""
    assert "Nothing to do" in updated(place, releases, "names", "newer")
    said = (place / "etc/os-release").read_text()
    assert 'PRETTY_NAME="ACME Web 1.2"' in said
    assert (place / "etc/issue").read_text().startswith("ACME Web 1.2 ")
    assert verified(place, "acme-release") == ""


def test_the_name_stands_above_a_package_without_one(acme: RpmYard, releases: Path) -> None:
    place = tree(acme, "")
    assert 'NAME="ACME Web"' in (place / "usr/lib/appliance/os-release").read_text()
    assert (place / "etc/os-release").readlink() == Path("../usr/lib/appliance/os-release")
    assert f"VERSION_ID={VERSION}" in (place / "etc/os-release").read_text()
    assert "Upgraded" in updated(place, releases, "names", "newer")
    assert "# 2" in (place / "usr/lib/os-release").read_text()
    again = (place / "etc/tmpfiles.d/brand.conf").read_text()
    assert again == "L+ /etc/os-release - - - - ../usr/lib/appliance/os-release\n"
    packages = json.loads((acme.output / "tiny/tiny.packages.json").read_text())["packages"]
    assert {"generic-release", "generic-logos"} <= {each["name"] for each in packages}
