"""Every block of the pages that people follow is tried, or says in the page why it cannot be."""

import re
from pathlib import Path

import pytest

from documentation import ALSO, FOLLOWED, MARKS, SHOWN, TOP, Example, parts

PARTS = [part for page in FOLLOWED for part in parts(page)]
REMARK = re.compile(rf"^<!-- (?:{'|'.join(MARKS)})\b", re.MULTILINE)


def place(part: Example) -> str:
    return part.place


def test_there_are_blocks_of_every_way() -> None:
    assert len(PARTS) > 80
    assert {part.way() for part in PARTS} > {"commands", "kickstart", "sheet", "not run", "file"}


@pytest.mark.parametrize("part", PARTS, ids=place)
def test_it_is_tried_or_marked(part: Example) -> None:
    assert not part.untried(), part.place


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.name)
def test_no_block_and_no_mark_is_overlooked(page: Path) -> None:
    text, found = page.read_text(), list(parts(page))
    fences = [line for line in text.splitlines() if line.lstrip().startswith("```")]
    assert len(fences) == 2 * sum(part.mark != ALSO for part in found)
    assert len(REMARK.findall(text)) == sum(bool(part.mark) for part in found)


@pytest.mark.parametrize("part", [part for part in PARTS if part.way() == SHOWN], ids=place)
def test_what_is_shown_of_a_file_is_in_it(part: Example) -> None:
    def stripped(text: str) -> str:
        return "\n".join(line.strip() for line in text.splitlines() if line not in ("(", ")"))

    assert stripped(part.text) in stripped((TOP / part.said).read_text())


def complaints(page: Path, text: str) -> list[str]:
    page.write_text(text)
    return [part.untried() for part in parts(page)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("```python\nx = 1\n```\n", "nothing that runs"),
        ("<!-- not run: -->\n```\ntrue\n```\n", "are missing"),
        ("<!-- not run -->\n```\ntrue\n```\n", "are missing"),
        ("<!-- file: -->\n```sh\ntrue\n```\n", "are missing"),
        ("<!-- run with: --x -->\n```\npart / --size=1\n```\n", "is for commands"),
        ("```\n\n```\n", "no command"),
        ("<!-- not run: no -->\n\n```python\nx = 1\n```\n", "nothing that runs"),
    ],
)
def test_what_is_neither_tried_nor_marked_is_told(text: str, why: str, tmp_path: Path) -> None:
    [told] = complaints(tmp_path / "page.md", text)
    assert why in told


def test_a_command_that_does_not_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"page.md:2: .* never ends"):
        complaints(tmp_path / "page.md", "```\ncat > x <<'END'\nmore\n```\n")


def test_what_is_marked_or_tried_is_well(tmp_path: Path) -> None:
    text = "<!-- not run: it needs a hub -->\n```python\nx = 1\n```\n```\ntrue \\\n  1\n```\n"
    assert complaints(tmp_path / "page.md", text) == ["", ""]
