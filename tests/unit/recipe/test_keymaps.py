"""Keyboards that no release has are told, with the names that may have been meant."""

from pathlib import Path

import pytest

from appliance.recipe.keymaps import strange
from appliance.recipe.reading.load import load


@pytest.mark.parametrize(
    "keymap", ["", "us", "de-latin1-nodeadkeys", "sg", "fr-latin9", "jp", "de-nodeadkeys", "uk"]
)
def test_what_a_release_has(keymap: str) -> None:
    assert strange(keymap, ("us", "cz (qwerty)", "de(neo)")) == {}


def test_what_none_has_and_what_was_meant() -> None:
    assert strange("de_latin1", ("uk", "klingon"))["de_latin1"][0] == "de-latin1"
    assert strange("", ("klingon",)) == {"klingon": ()}
    assert "uk" in strange("", ("uk",)), "that of the console; X says gb"


def test_check_says_it_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.ks").write_text("keyboard --vckeymap=us-acento\npart / --size=1024\n")
    (note,) = (each for each in load(tmp_path / "x.ks").notes if each.command == "keyboard")
    assert str(note.where).endswith("x.ks:1")
    assert "no keyboard is known as 'us-acento' (us-acentos" in note.text
