"""What `appliance diff` says of two releases of an appliance, in words, as JSON, as a page and as a
release note: of both families, with one package newer, one added and one file changed."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import tiny_distribution as tiny
from building import Yard
from mirror import serving
from rpm_fixtures import RpmYard
from tiny_distribution import Entry, Package

SCHEMA = Path(__file__).parents[2] / "docs/reference/difference.schema.json"
OS_RELEASE = b'ID=debian\nVERSION_ID="13"\nVERSION="13 (trixie)"\n'
CHANGES = """\
hello (1.1) stable; urgency=medium

  * Say hello in \x1b[31mred.

 -- Nobody <nobody@example.org>  Wed, 01 May 2024 12:00:00 +0000

hello (1.0) stable; urgency=medium

  * Say hello.

 -- Nobody <nobody@example.org>  Mon, 01 Jan 2024 12:00:00 +0000
"""
TRACKER = {
    "hello": {
        "CVE-2024-1": {
            "description": "Says too much",
            "releases": {"trixie": {"status": "resolved", "fixed_version": "1.1",
                                    "urgency": "high"}},
        }
    }
}  # fmt: skip
# Of the same length and time as the file of the package: only its bytes tell.
CHANGED = "%post --erroronfail\nsed -i s/8080/9090/ /etc/hello.conf /usr/share/own\n%end\n"
OWN = "%post --erroronfail\necho 8080 > /usr/share/own\n%end\n"


def hello(version: str, size: int, changelog: str) -> Package:
    doc = "usr/share/doc/hello/changelog.Debian.gz"
    return Package(
        "hello",
        (Entry("usr/share/hello", b"h" * size), Entry("etc/hello.conf", b"port=8080\n"),
         Entry("etc/os-release", OS_RELEASE), Entry(doc, gzip.compress(changelog.encode()))),
        version=version, conffiles=("/etc/hello.conf",),
    )  # fmt: skip


@pytest.fixture
def releases(yard: Yard) -> Iterator[Yard]:
    """A yard with the archives `old` and `new` of one distribution."""
    place, both = yard.place / "archives", (tiny.base(), Package("e2fsprogs"))
    with tiny.signer(yard.place / "signer") as (words, keyring):
        old = (hello("1.0", 1000, CHANGES[CHANGES.index("hello (1.0)") :]), Package("gone"))
        tiny.publish(place / "old", (*both, *old), sign=words)
        new = (hello("1.1", 5096, CHANGES), Package("come"))
        tiny.publish(place / "new", (*both, *new), sign=words)
    with serving(place) as mirror:
        yield replace(yard, mirror=mirror, keyring=keyring)


def told(yard: Yard, *words: str | Path) -> dict[str, Any]:
    """What `appliance diff --json` says; it fits its schema."""
    ended = yard.run("diff", *words, "--json")
    assert ended.err == ""
    said: dict[str, Any] = json.loads(ended.out)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(said)
    return said


def test_a_release_of_debian_and_the_next(releases: Yard) -> None:
    yard = releases
    yard.build(yard.recipe("hello", "gone", archive="old", more=OWN), "-f", "raw")
    sides = (yard.output / "tiny").rename(yard.place / "before"), yard.output / "tiny"
    yard.build(yard.recipe("hello", "come", archive="new", more=OWN + CHANGED), "-f", "raw")

    said = told(yard, *sides)
    assert [(p["name"], p["change"], p["left"], p["right"]) for p in said["packages"]] == [
        ("come", "added", "", "1.0"),
        ("gone", "removed", "1.0", ""),
        ("hello", "newer", "1.0", "1.1"),
    ]
    growth = {each["name"]: each for each in said["sizes"]["packages"]}
    assert growth["hello"]["reason"] == "newer: 1.0 → 1.1"
    assert growth["hello"]["right"] - growth["hello"]["left"] > 4000
    changed = {each["path"]: each for each in said["files"]}
    for path, package in (("/etc/hello.conf", "hello"), ("/usr/share/own", "")):
        assert (changed[path]["package"], changed[path]["what"]) == (package, ["content"])
        assert changed[path]["left"] == changed[path]["right"]
    assert "/etc/os-release" not in changed
    assert [each["what"] for each in said["differences"] if "hello.conf" in each["what"]]

    text = yard.run("diff", *sides)
    assert text.status == 1
    assert text.out.startswith("Packages\n  1 added, 1 removed, 1 newer\n")
    assert "  changed  /etc/hello.conf  content\n" in text.out
    assert "\nBits\n" in text.out

    quick = told(yard, *sides, "--section", "packages")
    assert quick.keys() == {
        "schema", "left", "right", "left_name", "right_name", "packages", "notes",
    }  # fmt: skip
    (yard.place / "tracker.json").write_text(json.dumps(TRACKER))
    words = ("--changelog", "--data", yard.place / "tracker.json")
    note = yard.run("diff", *sides, *words)
    assert (note.status, note.err) == (0, "")
    assert "- `CVE-2024-1` (`high`): `hello`, `Says too much`" in note.out
    assert "### `hello` `1.0` → `1.1`\n\n      * Say hello in \\x1b[31mred.\n" in note.out
    assert "Say hello.\n" not in note.out
    assert yard.run("diff", *sides, *words, "--exit-code").status == 1

    page = yard.place / "news.html"
    assert yard.run("diff", *sides, "--html", page).status == 0
    assert "packages that grew" in page.read_text()
    same = yard.run("diff", sides[0], sides[0], "--exit-code")
    assert (same.status, same.out, same.err) == (0, "", "")


def test_a_release_of_rpm_and_the_next(rpm_yard: RpmYard) -> None:
    yard = rpm_yard
    yard.build(yard.recipe("greeting", "rpm", name="old", options="", more=OWN), "-f", "raw")
    recipe = yard.recipe("greeting", "rpm", "weak", name="new", options="", archive="base updates",
                         more=OWN + "%post\necho 9090 > /usr/share/own\n%end\n")  # fmt: skip
    yard.build(recipe, "-f", "raw")
    sides = yard.output / "old", yard.output / "new"

    said = told(yard, *sides, "--section", "packages", "--section", "files")
    assert [(p["name"], p["change"], p["left"], p["right"]) for p in said["packages"]] == [
        ("greeting", "newer", "1.0-1.tl13", "1.1-1.tl13"),
        ("greeting-data", "newer", "1.0-1.tl13", "1.1-1.tl13"),
        ("weak", "added", "", said["packages"][2]["right"]),
    ]
    changed = {each["path"]: each for each in said["files"]}
    assert changed["/usr/share/own"]["what"] == ["content"]
    assert changed["/usr/share/greeting/version"]["package"] == "greeting"
    assert "differences" not in said

    note = yard.run("diff", *sides, "--changelog")
    assert note.status == 0
    assert "    Nobody <nobody@example.org> - 1.1-1\n    - Say hello 1.1\n" in note.out
    assert "- Say hello 1.0" not in note.out
    assert "- `greeting-data`: rpm's database has no changelog of it" in note.out
