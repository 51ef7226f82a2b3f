"""Systems of a few files, looked at as those of an image."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from appliance.inspection.catalogue import Catalogue
from appliance.intake.trees.directory import DirectoryTree

Made = Callable[[Mapping[str, str]], Catalogue]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes a tree of files with these texts; a text that begins with "-> " is a link's target."""

    def make(files: Mapping[str, str]) -> Catalogue:
        for path, text in files.items():
            place = tmp_path / "image" / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith("-> "):
                place.symlink_to(text[3:])
            else:
                place.write_text(text)
        return Catalogue(DirectoryTree(tmp_path / "image"))

    return make
