"""A release note is Markdown, in which words of a stranger mean nothing."""

from appliance.inspection.comparison.model import (
    ADDED,
    COME,
    MENDED,
    NEWER,
    Comparison,
    News,
    PackageChange,
    VulnerabilityChange,
)
from appliance.inspection.comparison.release_note import NOTHING, release_note

HOSTILE = "`x`\n# Taken <script>alert(1)</script>"
NOTE = """\
# What is new in `Web 2` since `Web 1`

## Mended vulnerabilities

- `CVE-1` (`high`): `openssl`, `It reads too much`

## Added packages

- `nginx` `1.26`

## Newer packages

- `libssl3` `3.0` → `3.1`

## What the packages say

### `openssl` `3.0` → `3.1`

      * A fix.

And more: cut off.

- `zlib`, `xz`: not there
"""


def test_a_release_note() -> None:
    found = Comparison(
        "a", "b", "Web 1", "Web 2",
        packages=(PackageChange("libssl3", "amd64", NEWER, "3.0", "3.1"),
                  PackageChange("nginx", "amd64", ADDED, "", "1.26")),
        vulnerabilities=(
            VulnerabilityChange("CVE-1", "openssl", MENDED, "high", "3.0", "3.1",
                                "It reads too much"),
            VulnerabilityChange("CVE-2", "nginx", COME, "", "1.26", "", "")),
        news=(News("openssl", "3.0", "3.1", ("libssl3",), ("  * A fix.",), "cut off"),
              News("zlib", "1", "2", ("zlib1g",), (), "not there"),
              News("xz", "1", "2", ("xz-utils",), (), "not there")),
    )  # fmt: skip
    assert release_note(found) == NOTE


def test_words_of_a_stranger_stay_words() -> None:
    found = Comparison(
        "a", "b", "Web", "Web",
        packages=(PackageChange(HOSTILE, "amd64", ADDED, "", "1"),),
        news=(News("x", "1", "2", ("x",), (f"  * {HOSTILE}",)),),
    )  # fmt: skip
    lines = release_note(found).split("\n")
    assert "- `` `x` # Taken <script>alert(1)</script> `` `1`" in lines
    assert "    # Taken <script>alert(1)</script>" in lines


def test_nothing_is_new() -> None:
    note = release_note(Comparison("a", "b", "a", "b", packages=(), vulnerabilities=(), news=()))
    assert NOTHING in note
    assert "None that the data knows." in note
