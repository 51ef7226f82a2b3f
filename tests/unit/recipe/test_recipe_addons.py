"""Add-ons of an installer: kdump's says something of the system; others are refused or noted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.errors import RecipeError
from appliance.recipe.model import Recipe
from appliance.recipe.reading.load import load

Load = Callable[[str], Recipe]


@pytest.fixture
def recipe_of(tmp_path: Path) -> Load:
    def make(text: str) -> Recipe:
        (tmp_path / "x.ks").write_text(f"part / --size=1024\n{text}")
        return load(tmp_path / "x.ks")

    return make


@pytest.mark.parametrize(
    ("options", "reserved"),
    [
        ("--disable", "off"),
        ("--enable", "auto"),
        ("--enable --reserve-mb=auto", "auto"),
        ("--enable --reserve-mb='128'", "128M"),
        ("--enable --reserve-mb=256M", "256M"),
    ],
)
def test_kdump_reserves_memory(recipe_of: Load, options: str, reserved: str) -> None:
    recipe = recipe_of(f"%addon com_redhat_kdump {options}\n%end\n")

    assert recipe.settings.crash_kernel == reserved


def test_an_addon_that_is_to_do_nothing_is_noted(recipe_of: Load) -> None:
    [note] = recipe_of("%addon org_fedora_oscap --disable\n%end\n").notes

    assert note.text == "%addon org_fedora_oscap: an add-on that is to do nothing"


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("%addon org_fedora_oscap", "add-ons of an installer are not supported"),
        ("%addon", "an %addon without a name"),
        ("%addon com_redhat_kdump --enable --reserve-mb=much", "'much' is no number of MiB"),
        ("%addon com_redhat_kdump --enable --reserve-mb=12²", "'12²' is no number of MiB"),
    ],
)
def test_others_are_refused(recipe_of: Load, header: str, problem: str) -> None:
    with pytest.raises(RecipeError, match="x.ks:2: ") as refusal:
        recipe_of(f"{header}\n%end\n")

    assert problem in refusal.value.problem
