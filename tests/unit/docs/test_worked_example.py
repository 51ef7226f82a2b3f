"""The worked example names files that are there."""

import re
from pathlib import Path

TOP = Path(__file__).parents[3]
PAGE = (TOP / "docs/how-to/add-a-filesystem.md").read_text()
PATH = re.compile(r"`((?:src|tests|docs|packaging)/[\w./-]+|Makefile|CHANGELOG\.md)`")


def test_every_file_that_it_names_is_there() -> None:
    named = PATH.findall(PAGE)
    assert len(named) >= 15
    assert [path for path in named if not (TOP / path).is_file()] == []
