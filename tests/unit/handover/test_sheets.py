"""Which product sheet counts, and from where it takes the text of the licence."""

from pathlib import Path

import pytest

from appliance.bundle.sheet import Sheet
from appliance.errors import RequestError, Where
from appliance.handover.sheets import sheet_of


@pytest.fixture
def kickstart(tmp_path: Path) -> Path:
    """web.ks in a directory of its own; outside of it is a file that is no licence."""
    (tmp_path / "secret").write_text("secret\n")
    place = tmp_path / "own"
    (place / "texts").mkdir(parents=True)
    (place / "texts/EULA").write_text("Do what you want.\n")
    (place / "link").symlink_to(tmp_path / "secret")
    return place / "web.ks"


def test_the_sheet_beside_a_kickstart_counts(kickstart: Path) -> None:
    kickstart.with_suffix(".toml").write_text('[product]\neula-file = "texts/EULA"\n')
    assert sheet_of(kickstart, None, Sheet()).product.eula == "Do what you want."


def test_beside_what_is_no_kickstart_none_counts(kickstart: Path) -> None:
    kickstart.with_suffix(".toml").write_text('[product]\neula-file = "texts/EULA"\n')
    assert sheet_of(None, None, Sheet()) == Sheet()


@pytest.mark.parametrize("file", ["{}/secret", "../secret", "texts/../../secret", "link", "texts"])
def test_a_licence_outside_wants_a_sheet_that_is_named(kickstart: Path, file: str) -> None:
    file = file.format(kickstart.parent.parent)
    sheet = kickstart.with_suffix(".toml")
    sheet.write_text(f'[product]\neula-file = "{file}"\n')
    with pytest.raises(RequestError, match="is not a file below") as refused:
        sheet_of(kickstart, None, Sheet())
    assert refused.value.hint == f"--eula FILE, or --sheet {sheet}"
    if file != "texts":
        assert sheet_of(kickstart, sheet, Sheet()).product.eula == "secret"


def test_a_licence_that_is_not_there_is_told_at_its_line(tmp_path: Path) -> None:
    kickstart = tmp_path / "web.ks"
    sheet = kickstart.with_suffix(".toml")
    sheet.write_text('# of the shop\n\n[product]\nname = "Web"\n\n\neula-file = "missing.txt"\n')

    with pytest.raises(RequestError, match="missing.txt cannot be read") as refusal:
        sheet_of(kickstart, None, Sheet())

    assert refusal.value.where == Where(sheet, 7)
