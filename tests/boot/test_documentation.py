"""The kickstarts and sheets that the documentation shows, built and started as they stand there.
What its pages type: test_pages.py."""

import os
import shutil
from pathlib import Path

import pytest
from tests.boot.conftest import PASSWORD, REPOSITORY, appliance

import waiting
from appliance.bundle.sheet import parse
from documentation import KICKSTART, KICKSTARTS, SHEET, SHEETS, Example, bring, whole

WORD = "correct horse"  # of what is encrypted
BUILT = [each for each in KICKSTARTS if each.way() == KICKSTART]
DESCRIBED = [each for each in SHEETS if each.way() == SHEET]


def named(example: Example) -> str:
    return example.place


@pytest.mark.slow
@pytest.mark.parametrize("example", BUILT, ids=named)
def test_a_kickstart_is_built_and_starts(
    example: Example, tmp_path: Path, appliances: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "WORD", WORD)
    path = whole(example, tmp_path)
    secret = ("--passphrase", "env:WORD") if "--encrypted" in example.text else ()
    waiting.well(
        appliance(
            *("build", path, "--root-password", PASSWORD, *secret, "-o", tmp_path / "out"),
            *("--include-path", REPOSITORY / "kickstarts", "--store", appliances / "store"),
        )
    )
    place = tmp_path / "out/example"
    words = ("--login", f"root:{PASSWORD}", "--output", tmp_path / "report", *secret)
    waiting.well(appliance("test", place, *words))


@pytest.mark.slow
@pytest.mark.parametrize("example", DESCRIBED, ids=named)
def test_the_machine_of_a_sheet_starts(example: Example, tmp_path: Path, appliances: Path) -> None:
    shutil.copytree(REPOSITORY / "kickstarts", tmp_path / "kickstarts")
    path = tmp_path / "kickstarts/web-debian.ks"
    path.with_suffix(".toml").write_text(example.text)
    (tmp_path / "kickstarts/EULA.txt").write_text("You may.\n")
    bring(tmp_path / "kickstarts")
    declared = parse(example.text, path).variables
    asked = [each.name for each in declared if each.default is None]
    waiting.well(
        appliance(
            *("build", path, "--root-password", PASSWORD, "-o", tmp_path / "out"),
            *("-f", "qcow2", "--bundle", "none,ova", "--store", appliances / "store"),
            *(word for name in asked for word in ("--var", f"{name}=light")),
        )
    )
    assert appliance("lint", tmp_path / "out/web-debian.ova").returncode == 0
    for number, place in enumerate(("web-debian", "web-debian.ova")):
        words = ("--login", f"root:{PASSWORD}", "--output", tmp_path / f"report{number}")
        waiting.well(appliance("test", tmp_path / "out" / place, *words))
