"""What Debian's changelogs say between two versions, and what is said where they are not there."""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from appliance.inspection.catalogue import Catalogue
from appliance.inspection.comparison.changelogs import CUT, NO_FILE, REBUILT, news, read
from appliance.inspection.comparison.model import News
from appliance.inspection.comparison.packages import package_changes
from appliance.inspection.content_facts import InstalledPackage

Made = Callable[[Mapping[str, str]], Catalogue]


def item(version: str, text: str, source: str = "hello") -> str:
    maker = "A <a@example.org>  Wed, 01 May 2024 12:00:00 +0000"
    return f"{source} ({version}) stable; urgency=medium\n\n  * {text}\n\n -- {maker}\n\n"


CHANGELOG = item("3-1", "Not yet.") + item("2-1", "Second.") + item("1.5-1~rc1", "Between.")
OLD = item("1-1", "First.")


def hello(version: str, source_version: str = "", name: str = "hello") -> InstalledPackage:
    return InstalledPackage(name, version, "amd64", "deb", "hello", source_version or version)


def told(
    image: Catalogue, left: tuple[InstalledPackage, ...], right: tuple[InstalledPackage, ...]
) -> tuple[News, ...]:
    return news(package_changes(left, right), (left, right), (image, image))


def test_entries_between_two_versions_are_told(made: Made) -> None:
    image = made({"/usr/share/doc/hello-data/changelog.Debian": CHANGELOG + OLD})
    left = hello("1-1"), hello("1-1", name="hello-data")
    right = hello("2-1"), hello("2-1", name="hello-data")
    assert told(image, left, right) == (
        News("hello", "1-1", "2-1", ("hello", "hello-data"), ("  * Second.", "  * Between.")),
    )


def test_a_packed_one_behind_a_link(made: Made, tmp_path: Path) -> None:
    image = made({"/usr/share/doc/hello": "-> hello-data", "/usr/share/doc/hello-data/x": ""})
    packed = tmp_path / "image/usr/share/doc/hello-data/changelog.Debian.gz"
    packed.write_bytes(gzip.compress((CHANGELOG + OLD).encode()))
    [found] = told(Catalogue(image.tree), (hello("1-1"),), (hello("2-1"),))
    assert len(found.entries) == 2


@pytest.mark.parametrize(
    ("text", "left", "right", "entries", "note"),
    [
        ("", "1-1", "2-1", 0, NO_FILE),
        ("Version 2 of this fine program\n", "1-1", "2-1", 0, NO_FILE),
        (item("2-1", "Other.", "stranger"), "1-1", "2-1", 0, NO_FILE),
        (CHANGELOG, "1-1", "2-1", 2, CUT),
        (CHANGELOG + OLD, "2-1", "2-1+b1", 0, REBUILT),
    ],
)
def test_what_is_not_at_hand_is_said(
    made: Made, text: str, left: str, right: str, entries: int, note: str
) -> None:
    image = made({"/usr/share/doc/hello/changelog.gz": text, "/etc/x": ""})
    source = left if note == REBUILT else right
    [found] = told(image, (hello(left),), (hello(right, source),))
    assert (len(found.entries), found.note) == (entries, note)


def test_older_and_new_packages_have_no_news(made: Made) -> None:
    image = made({"/usr/share/doc/hello/changelog": CHANGELOG})
    assert told(image, (hello("2-1"),), (hello("1-1"),)) == ()
    assert told(image, (), (hello("1-1"),)) == ()


def test_an_entry_without_an_end_is_none() -> None:
    assert list(read("hello (2) x; y\n  * It never ends\n", "hello")) == []
    assert [each.version for each in read(CHANGELOG, "hello")] == ["3-1", "2-1", "1.5-1~rc1"]
