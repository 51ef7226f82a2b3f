"""--version of the old command is the image's, whatever else is said."""

from pathlib import Path

import pytest

from appliance.cli import creator
from appliance.packages.resolve import settle
from appliance.recipe.reading.load import load


@pytest.mark.parametrize("words", [[], ["--gpg-check"]])
def test_a_repository_known_by_name_says_more_than_the_version(
    tmp_path: Path, words: list[str]
) -> None:
    kickstart = tmp_path / "a.ks"
    kickstart.write_text(
        "repo --name=fedora-44\nrootpw --lock\npart / --fstype=ext4 --size=1000\n%packages\n%end\n"
    )
    typed = creator.parser().parse_args(["-c", str(kickstart), "--version", "1.0", *words])
    asked = creator.request(typed)
    recipe = load(kickstart, overrides=asked.overrides)
    ask = settle(recipe, asked.repositories, asked.target, tools="")
    assert (ask.family.name, ask.release) == ("fedora", "44")
