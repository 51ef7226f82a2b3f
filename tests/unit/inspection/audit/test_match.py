"""Advisories are true of a version, or not, in the order of the package manager."""

from dataclasses import replace

import pytest

from appliance.backends.advisories import Advisory
from appliance.backends.package_managers.version_order import DEB, RPM, older
from appliance.inspection.audit.match import FIXED, MINOR, OPEN, findings
from appliance.inspection.content_facts import InstalledPackage

CURL = InstalledPackage("curl", "8.14-2+b1", "amd64", "deb", source="curl", source_version="8.14-2")
LIB = replace(CURL, name="libcurl4t64")
KNOWN = Advisory("CVE-1", "curl", fixed="8.14-3", available=True, severity="low")


def states(*advisories: Advisory, kind: str = DEB) -> list[tuple[str, str, tuple[str, ...]]]:
    found = findings([CURL, LIB], advisories, kind)
    return [(each.advisory.name, each.state, each.packages) for each in found]


def test_a_source_package_stands_for_all_that_is_built_of_it() -> None:
    assert states(KNOWN) == [("CVE-1", FIXED, ("curl", "libcurl4t64"))]
    assert states(replace(KNOWN, binary=True)) == [("CVE-1", FIXED, ("curl",))]
    assert states(replace(KNOWN, package="libcurl4t64")) == []


@pytest.mark.parametrize(
    "change",
    [
        {"fixed": "8.14-2"},
        {"fixed": "8.15-1", "fixed_too": ("8.14-2",)},
        {"binary": True, "fixed": "8.14-2+b1"},
        {"binary": True, "architecture": "arm64"},
    ],
)
def test_what_is_mended_is_not_told(change: dict[str, object]) -> None:
    assert states(replace(KNOWN, **change)) == []  # type: ignore[arg-type]


def test_the_order_is_by_what_can_be_done() -> None:
    worse = replace(KNOWN, name="CVE-2", severity="high")
    unknown = replace(KNOWN, name="CVE-3", fixed="", available=False)
    minor = replace(unknown, name="CVE-4", minor="unimportant")
    assert [line[:2] for line in states(minor, unknown, KNOWN, worse)] == [
        ("CVE-2", FIXED), ("CVE-1", FIXED), ("CVE-3", OPEN), ("CVE-4", MINOR),
    ]  # fmt: skip


def test_the_same_from_two_files_is_told_once() -> None:
    assert len(states(KNOWN, KNOWN)) == 1


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("1.0~rc1-1", "1.0-1", DEB),
        ("9.9-1", "1:0.1-1", DEB),
        ("1.0-1", "1.0-1+deb13u1", DEB),
        ("1.0~rc1-1.el9", "1.0-1.el9", RPM),
        ("1.0-1", "1.0^git1-1", RPM),
        ("1.0-9", "1.0-10", RPM),
        ("not a version", "0", DEB),
    ],
)
def test_the_order_of_versions(one: str, other: str, kind: str) -> None:
    assert older(one, other, kind)
    assert not older(other, one, kind)
