"""What distributions publish is understood, or refused in words."""

import json
import zlib

import pytest

from appliance.backends import advisories
from appliance.backends.advisories import HEAD, Advisory

TRACKER = json.dumps(
    {
        "curl": {
            "CVE-2024-0001": {
                "description": "reads too far",
                "scope": "remote",
                "releases": {
                    "trixie": {
                        "status": "resolved", "fixed_version": "8.14.1-2+deb13u1",
                        "urgency": "high", "repositories": {"trixie": "8.14.1-2"},
                    },
                    "bookworm": {"status": "open", "urgency": "not yet assigned"},
                },
            },
            "CVE-2024-0002": {
                "releases": {
                    "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "low"}
                }
            },
            "CVE-2024-0003": {
                "releases": {
                    "trixie": {"status": "open", "nodsa": "Minor issue", "urgency": "medium**"}
                }
            },
            "CVE-2024-0004": {"releases": {"trixie": {"status": "undetermined"}}},
        },
        "zlib": {
            "TEMP-0000000-AAAAAA": {
                "releases": {"trixie": {"status": "open", "urgency": "unimportant"}}
            }
        },
    },
    indent=1,
).encode()  # fmt: skip
DEBSECAN = b"""VERSION 1
CVE-2024-0001,,reads too far, and writes
CVE-2024-0003,,minor

curl,0,SHRF,8.15-1,8.14.1-2+deb13u1
curl,1, L  ,,
nano,1,B ? ,7.0-1,

curl,curl libcurl4
"""
UPDATEINFO = b"""<?xml version="1.0" encoding="UTF-8"?>
<updates>
 <update from="a@b" status="final" type="security" version="1">
  <id>FEDORA-2026-01</id><title>curl-8.15-1.fc44</title><severity>Important</severity>
  <references>
   <reference href="https://example.org/1" id="CVE-2024-0001" type="cve"/>
   <reference href="https://example.org/2" id="123" type="bugzilla"/>
  </references>
  <pkglist><collection short="F44">
   <package name="curl" epoch="1" version="8.15" release="1.fc44" arch="x86_64"/>
   <package name="curl" epoch="1" version="8.15" release="1.fc44" arch="src"/>
   <package name="curl-doc" epoch="0" version="8.15" release="1.fc44" arch="noarch"/>
  </collection></pkglist>
 </update>
 <update type="bugfix"><id>FEDORA-2026-02</id><pkglist><collection>
  <package name="nano" version="9" release="1" arch="x86_64"/></collection></pkglist></update>
</updates>
"""


def read(content: bytes, release: str = "trixie") -> list[Advisory]:
    kind = advisories.recognised(content[:HEAD])
    assert kind is not None
    return list(kind.read(content, release))


def test_debians_tracker() -> None:
    one, minor, never = read(TRACKER)
    assert (one.name, one.package, one.fixed, one.available) == (
        "CVE-2024-0001", "curl", "8.14.1-2+deb13u1", True,
    )  # fmt: skip
    assert (one.severity, one.about) == ("high", "reads too far")
    assert (minor.name, minor.fixed, minor.minor) == (
        "CVE-2024-0003", "", "no advisory: Minor issue",
    )  # fmt: skip
    assert (never.package, never.minor) == ("zlib", "unimportant")
    (bookworm,) = read(TRACKER, "bookworm")
    assert (bookworm.fixed, bookworm.available, bookworm.severity) == ("", False, "")


@pytest.mark.parametrize("packed", [False, True])
def test_debsecans_data(packed: bool) -> None:
    one, minor, binary = read(zlib.compress(DEBSECAN) if packed else DEBSECAN)
    assert (one.name, one.fixed, one.fixed_too, one.available, one.about, one.severity) == (
        "CVE-2024-0001", "8.15-1", ("8.14.1-2+deb13u1",), True, "reads too far, and writes", "high",
    )  # fmt: skip
    assert (minor.fixed, minor.available, minor.severity) == ("", False, "low")
    assert (binary.package, binary.binary) == ("nano", True)


def test_updateinfo() -> None:
    curl, doc = read(UPDATEINFO)
    assert (curl.name, curl.package, curl.fixed, curl.architecture) == (
        "FEDORA-2026-01", "curl", "1:8.15-1.fc44", "x86_64",
    )  # fmt: skip
    assert (curl.aliases, curl.severity, curl.address) == (
        ("CVE-2024-0001",), "important", "https://example.org/1",
    )  # fmt: skip
    assert (doc.package, doc.fixed, doc.architecture) == ("curl-doc", "8.15-1.fc44", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TRACKER[:-20], "Expecting|Unterminated|ends in the middle|delimiter"),
        (TRACKER.replace(b"trixie", b"sid"), "says nothing of the release 'trixie'"),
        (zlib.compress(DEBSECAN)[:-9], "cut off|cannot be unpacked"),
        (DEBSECAN.replace(b"curl,0,SHRF", b"curl,0"), "none of its kind"),
        (UPDATEINFO[:-30], "cannot be read"),
        (UPDATEINFO.replace(b' name="curl"', b""), "has no name"),
    ],
)
def test_what_is_damaged_is_refused(content: bytes, said: str) -> None:
    with pytest.raises((ValueError, IndexError, KeyError), match=said):
        read(content)


@pytest.mark.parametrize("head", [b"", b"{}", b"<html>", b"PK\3\4", b"\x78\x9c", b'{"a": 1}'])
def test_other_files_are_not_recognised(head: bytes) -> None:
    assert advisories.recognised(head) is None
