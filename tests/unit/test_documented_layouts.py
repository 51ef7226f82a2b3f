"""The layouts that the documentation shows can be laid out."""

import re
from pathlib import Path

import pytest

from appliance.creation.foresee import Launched, foresee
from appliance.plan.make import Target
from appliance.recipe.overrides import Overrides
from appliance.recipe.repository_options import RepositoryOptions

GUIDE = Path(__file__).parents[2] / "docs/how-to/disks.md"
BLOCKS = re.findall(r"^```\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
LAYOUTS = [block for block in BLOCKS if re.search(r"^(part|autopart) ", block, re.MULTILINE)]


@pytest.mark.parametrize("family", ["fedora-44", "debian-trixie"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_can_be_laid_out(layout: str, family: str, tmp_path: Path) -> None:
    file = tmp_path / "x.ks"
    file.write_text(layout)

    secret, sources = Overrides(passphrase="env:W"), RepositoryOptions(repositories=(family,))
    found = foresee(file, secret, sources, Launched(Target()))

    assert len(LAYOUTS) >= 6
    assert not found.problems
