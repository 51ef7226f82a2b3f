"""A page needs nothing else, is the same again, and does not grow without bounds."""

import re
from pathlib import Path

import pytest

from appliance.errors import RequestError
from appliance.inspection.pages.model import Block, Bytes, Map, Report, Table
from appliance.inspection.pages.page import PARTS, SHOWN, page, shown, write


def report(*tables: Table, parts: int = 0) -> Report:
    blocks = tuple(Block(f"part{number}", number) for number in range(parts))
    return Report("web", (), (Map("packages", Block("all", 9, blocks)),), tables)


def test_it_names_no_address_but_places_of_its_own() -> None:
    text = page(report(Table("packages", "Packages", ("Name",), (("a",),))))
    links = re.findall(r"(?:href|src)\s*=\s*\"([^\"]*)", text)
    assert links == ["#sizes", "#packages"]
    assert "http" not in text.replace("http-equiv", "")


def test_the_same_report_gives_the_same_page() -> None:
    assert page(report(parts=9)) == page(report(parts=9))


def test_many_rows_and_parts_are_counted() -> None:
    rows = tuple((f"row{number}",) for number in range(SHOWN + 1))
    text = page(report(Table("files", "Files", ("Name",), rows), parts=PARTS + 7))
    assert f"The first {SHOWN} of {SHOWN + 1}" in text
    assert f"row{SHOWN - 1}<" in text
    assert f"row{SHOWN}<" not in text
    assert '"name":"7 more","size":21' in text


@pytest.mark.parametrize(
    ("cell", "text"),
    [("a\x1b[31m\n", "a\\x1b[31m\\n"), ("ä b", "ä b"), (22, "22"), (Bytes(2048), "2 KiB")],
)
def test_a_cell_is_one_line(cell: str | int | Bytes, text: str) -> None:
    assert shown(cell) == text


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write(report(), tmp_path / "web.html")
    assert (tmp_path / "web.html").read_text() == page(report())
    with pytest.raises(RequestError, match="cannot write .*: No such file"):
        write(report(), tmp_path / "none/web.html")
    assert [path.name for path in tmp_path.iterdir()] == ["web.html"]
