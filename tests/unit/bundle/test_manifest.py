"""The lists beside the disks, word for word."""

from pathlib import Path

import pytest

from appliance.bundle.manifest import (
    PackageList,
    packages_file,
    packages_read,
    packages_text,
    sums_read,
    sums_text,
)
from appliance.bundle.model import Bundle, Machine, Package, PackageRepository
from appliance.errors import RequestError

WEB = Bundle(
    name="web",
    version="1.2",
    release="3",
    family="debian",
    family_release="trixie",
    clock=1_700_000_000,
    plan_digest="p1",
    machine=Machine(),
    firmware=("bios",),
    artifacts=(),
    packages=(
        Package("zstd", "1.5", "amd64", "z1", 7, "debian"),
        Package("apt", "3.0", "amd64", "a1", 9, "debian"),
    ),
    notes=("web.ks:3: zerombr: an image has no old partition table",),
    repositories=(PackageRepository("debian", "trixie", ("main",), 1, "Debian", "r1"),),
)
PACKAGES = """\
{
  "schema": 2,
  "name": "web",
  "version": "1.2",
  "release": "3",
  "family": "debian",
  "family_release": "trixie",
  "architecture": "x86_64",
  "plan": "p1",
  "clock": "2023-11-14T22:13:20Z",
  "notes": [
    "web.ks:3: zerombr: an image has no old partition table"
  ],
  "repositories": [
    {
      "name": "debian",
      "suite": "trixie",
      "components": [
        "main"
      ],
      "date": "1970-01-01T00:00:01Z",
      "origin": "Debian",
      "sha256": "r1",
      "unverified": false
    }
  ],
  "packages": [
    {
      "name": "apt",
      "version": "3.0",
      "architecture": "amd64",
      "sha256": "a1",
      "size": 9,
      "repository": "debian",
      "source": "",
      "source_version": "",
      "licence": "",
      "origin": "",
      "installed_size": 0,
      "reason": "",
      "needs": []
    },
    {
      "name": "zstd",
      "version": "1.5",
      "architecture": "amd64",
      "sha256": "z1",
      "size": 7,
      "repository": "debian",
      "source": "",
      "source_version": "",
      "licence": "",
      "origin": "",
      "installed_size": 0,
      "reason": "",
      "needs": []
    }
  ]
}
"""


def test_the_package_list() -> None:
    assert packages_file(WEB) == "web.packages.json"
    assert packages_text(WEB) == PACKAGES


def test_the_package_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / packages_file(WEB)
    path.write_text(packages_text(WEB))
    by_name = tuple(sorted(WEB.packages, key=lambda each: each.name))
    assert packages_read(path) == PackageList("web", "debian", "trixie", by_name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ("[]", "its schema is not 2"),
        ("{}", "its schema is not 2"),
        ('{"schema": 1}', "its schema is not 2"),
        ('{"schema": 2, "name": "web"}', "fields differ: .*family"),
        (PACKAGES.replace('"size": 7', '"size": "7"'), "'7'"),
        (PACKAGES.replace('"needs": []', '"needs": 1'), "not iterable"),
    ],
)
def test_what_is_no_package_list_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "web.packages.json"
    path.write_text(text)
    with pytest.raises(RequestError, match=f"web.packages.json is no package list: .*{why}"):
        packages_read(path)
    with pytest.raises(RequestError, match="cannot read .*gone"):
        packages_read(tmp_path / "gone")


def test_the_sums_are_sorted_and_starred() -> None:
    assert sums_text({"web.xml": "b1", "web.qcow2": "a1"}) == "a1 *web.qcow2\nb1 *web.xml\n"


@pytest.mark.parametrize("name", ["a", "a/b c", "a\nb", "a\\b", "\\", "a\\nb", "\r"])
def test_sums_are_read_as_they_were_written(name: str) -> None:
    text = sums_text({name: "a1"})
    assert text.count("\n") == 1
    assert sums_read(text) == {name: "a1"}


@pytest.mark.parametrize("name", ["", "/a", "a//b", "a/../b", "."])
def test_a_name_that_is_no_path_in_the_bundle_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a file"):
        sums_text({name: "a1"})
