"""The pages of the documentation on which nothing is built, typed in a checkout; the others are
those of tests/boot/test_pages.py."""

from pathlib import Path

import pytest

from documentation import FIRST, named, with_commands
from reader import Reader


@pytest.mark.parametrize("page", with_commands(built=False), ids=named)
def test_a_page_can_be_followed(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path, cache=tmp_path, given={})
    reader.follow(FIRST)
    reader.follow(page)
