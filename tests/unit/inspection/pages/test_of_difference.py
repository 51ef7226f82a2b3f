"""The page of a comparison: maps of what grew and shrank, and a table for each kind of change."""

from appliance.inspection.comparison.growth import size_changes
from appliance.inspection.comparison.model import ADDED, Comparison, FileChange, PackageChange
from appliance.inspection.content_facts import SizeRow
from appliance.inspection.pages.model import Block
from appliance.inspection.pages.of_difference import report
from appliance.inspection.pages.page import page

PACKAGES = (PackageChange("web", "amd64", ADDED, "", "1"),)
SIZES = size_changes(
    (SizeRow("/usr", "base", 50, 1), SizeRow("/usr/lib/x", "base", 9, 1), SizeRow("/x", "", 7, 1)),
    (SizeRow("/usr", "base", 55, 1), SizeRow("/usr/lib/x", "web", 2048, 9)),
    PACKAGES,
)
FOUND = Comparison(
    "old/web", "new/web", "Web 1", "Web 2 <b>",
    packages=PACKAGES, sizes=SIZES, settings=(),
    files=(FileChange("/usr/lib/x/\x1b[31m", "web", ADDED, (), 0, 2048),), notes=("what",),
)  # fmt: skip


def _sums(block: Block) -> None:
    if block.parts:
        assert block.size == sum(part.size for part in block.parts), block.name
    for part in block.parts:
        _sums(part)


def test_maps_say_what_grew_and_what_shrank() -> None:
    maps = {each.title: each.whole for each in report(FOUND).maps}
    assert list(maps) == [
        "packages that grew", "directories that grew", "packages that shrank",
        "directories that shrank",
    ]  # fmt: skip
    assert [(part.name, part.size, part.about) for part in maps["packages that grew"].parts] == [
        ("web", 2048, "added")
    ]
    assert maps["directories that grew"].size == 2044
    assert maps["packages that shrank"].size == 11
    for whole in maps.values():
        _sums(whole)


def test_tables_and_summary() -> None:
    whole = report(FOUND, [("partition 1", "sectors 1 to 2", "a", "b")])
    assert [table.name for table in whole.tables] == [
        "packages", "growth", "directories", "settings", "files", "bits", "notes",
    ]  # fmt: skip
    assert dict(whole.summary) == {
        "First": "old/web", "Second": "new/web", "Packages": "1 added",
        "Sizes": "66 bytes → 2.054 KiB (+1.989 KiB)",
        "Settings": "the same", "Files": "1 added", "Bits": "1 difference",
    }  # fmt: skip
    text = page(whole)
    assert "+2 KiB" in text
    assert "-7 bytes" in text
    assert "\x1b" not in text
    assert "Web 2 <b>" not in text


def test_without_sizes_there_is_no_map() -> None:
    whole = report(Comparison("a", "b", "a", "b", packages=()))
    assert whole.maps == ()
    assert [(table.name, table.note) for table in whole.tables] == [
        ("packages", "Nothing differs.")
    ]
