"""The lists beside the disks, word for word."""

import pytest

from appliance.bundle.manifest import packages_file, packages_text, sums_read, sums_text
from appliance.bundle.model import Bundle, Machine, Package, PackageRepository

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
