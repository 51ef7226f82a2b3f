"""`appliance diff`: 0 for the same, 1 for a difference, 2 for what cannot be compared."""

import json
from pathlib import Path

import pytest
from as_typed import Typed


@pytest.fixture
def sides(tmp_path: Path) -> None:
    for side, text in (("a", "one\n"), ("b", "two\n")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "same.txt").write_text("same\n")
        (tmp_path / side / "other.txt").write_text(text)


@pytest.mark.usefixtures("sides")
def test_the_same(typed: Typed) -> None:
    assert typed("diff", "a", "a").out == ""
    ended = typed("diff", "a", "a", "--json")
    assert (ended.code, json.loads(ended.out)["differences"]) == (0, [])


@pytest.mark.usefixtures("sides")
def test_a_difference(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "b/more.txt").touch()
    ended = typed("diff", "a", "b")
    assert ended.code == 1
    assert "more.txt: only in" in ended.out
    assert "other.txt: file: bytes 0 to 4" in ended.out
    assert "same.txt" not in ended.out
    said = json.loads(typed("diff", "a", "b", "--json").out)
    assert "no appliance and no disk in it" in said["notes"][0]
    assert {each["place"] for each in said["differences"]} == {"more.txt", "other.txt: file"}


@pytest.mark.usefixtures("sides")
def test_what_cannot_be_compared(typed: Typed) -> None:
    assert typed("diff", "a", "nothing").err == "appliance: there is no nothing\n"
    ended = typed("diff", "a", "a/same.txt")
    assert (ended.code, ended.out) == (2, "")
    assert "one is a directory, the other is not" in ended.err


@pytest.mark.usefixtures("sides")
def test_what_has_no_words_and_was_asked_for_them(typed: Typed) -> None:
    for words in (["--section", "packages"], ["--changelog"], ["--section", "bits", "--section",
                  "users"]):  # fmt: skip
        ended = typed("diff", "a", "b", *words)
        assert (ended.code, ended.out) == (2, "")
        assert "no appliance and no disk in it" in ended.err
    assert typed("diff", "a", "b", "--section", "bits").code == 1
    assert "this is not one of product" in typed("diff", "a", "b", "--section", "colours").err


@pytest.mark.usefixtures("sides")
def test_a_page_ends_with_0_unless_its_status_is_wanted(typed: Typed, tmp_path: Path) -> None:
    ended = typed("diff", "a", "b", "--html", "news.html")
    assert (ended.code, ended.out) == (0, "")
    assert "other.txt: file" in (tmp_path / "news.html").read_text()
    assert typed("diff", "a", "b", "--html", "news.html", "--exit-code").code == 1
    assert typed("diff", "a", "a", "--html", "news.html", "--exit-code").code == 0
    assert typed("diff", "a", "b", "--html", "none/news.html").code == 2
