"""Which packages a brand takes the place of, whatever a kickstart says of both."""

from pathlib import Path

import pytest

from appliance.backends import brands
from appliance.backends.families import KNOWN
from appliance.errors import RecipeError, Where
from appliance.recipe.brand import NEUTRAL, Brand
from appliance.recipe.model import Packages, Recipe, WantedPackage
from appliance.recipe.settings import Settings
from appliance.recipe.volumes import BootSettings

KICKSTART, SHEET = Where(Path("web.ks"), 9), Where(Path("web.toml"), 3)
ACME = Brand(name="ACME", id="acme", where=SHEET)


def recipe(brand: Brand | None, *names: str, without: tuple[str, ...] = ()) -> Recipe:
    packages = Packages(
        names=tuple(WantedPackage(name, KICKSTART) for name in names),
        excluded=tuple(WantedPackage(name, KICKSTART) for name in without),
    )
    return Recipe(
        "web", (), packages, (), "gpt", BootSettings(), Settings(), (), (), "", brand=brand
    )


def asked(found: Recipe) -> set[str]:
    return {item.name for item in found.packages.names}


def left_out(found: Recipe) -> set[str]:
    return {item.name for item in found.packages.excluded}


def test_without_a_brand_nothing_changes() -> None:
    plain = recipe(None, "fedora-release", without=("generic-release*",))
    assert brands.settled(plain, KNOWN["fedora"]) == plain


def test_fedora_has_packages_without_its_marks() -> None:
    found = brands.settled(recipe(ACME, "nginx"), KNOWN["fedora"])
    assert asked(found) == {"nginx", "generic-release", "generic-logos"}
    assert {"fedora-release*", "fedora-logos*"} <= left_out(found)


def test_what_a_kickstart_says_against_it_does_not_count() -> None:
    said = recipe(
        ACME, "fedora-release", "vim", without=("generic-release*", "generic-logos*", "nano")
    )
    found = brands.settled(said, KNOWN["fedora"])
    assert asked(found) == {"vim", "generic-release", "generic-logos"}
    assert "nano" in left_out(found)
    assert not {"generic-release*", "generic-logos*"} & left_out(found)
    assert [(note.text, note.where) for note in found.notes] == [
        ("fedora-release is left out: the brand has generic-release in its place", KICKSTART),
        ("-generic-release* does not count: the brand needs it", KICKSTART),
        ("-generic-logos* does not count: the brand needs it", KICKSTART),
    ]


def test_twice_is_the_same_as_once() -> None:
    once = brands.settled(recipe(ACME, "nginx"), KNOWN["fedora"])
    assert brands.settled(once, KNOWN["fedora"]) == once


def test_the_mark_of_a_remix_comes_on_request_only() -> None:
    remix = Brand(name="ACME", id="acme", remix=True, where=SHEET)
    assert "fedora-remix-logos" in asked(brands.settled(recipe(remix), KNOWN["fedora"]))


def test_a_release_package_of_ones_own_takes_the_place() -> None:
    own = Brand(name="ACME", id="acme", release_package="acme-release", where=SHEET)
    assert asked(brands.settled(recipe(own), KNOWN["fedora"])) == {"acme-release", "generic-logos"}
    found = brands.settled(recipe(own, "almalinux-release"), KNOWN["almalinux"])
    assert asked(found) == {"acme-release"}
    assert {"almalinux-release", "redhat-logos*"} <= left_out(found)


@pytest.mark.parametrize("brand", [ACME, NEUTRAL])
@pytest.mark.parametrize("family", ["almalinux", "centos-stream", "rhel", "rocky", "oracle"])
def test_enterprise_linux_needs_one(family: str, brand: Brand) -> None:
    with pytest.raises(RecipeError, match="no release package without its own name") as caught:
        brands.settled(recipe(brand), KNOWN[family])
    assert "appliance brand rpm" in caught.value.hint
    assert caught.value.where == (SHEET if brand is ACME else Where(Path("--unbrand"), 0))


@pytest.mark.parametrize("family", ["debian", "ubuntu", "kali"])
def test_debian_needs_no_other_packages(family: str) -> None:
    assert brands.settled(recipe(ACME, "vim"), KNOWN[family]) == recipe(ACME, "vim")


@pytest.mark.parametrize("family", KNOWN.values(), ids=lambda family: family.name)
def test_every_family_has_a_way_and_says_whose_marks_there_are(family: object) -> None:
    marks = KNOWN[family.name].marks  # type: ignore[attr-defined]
    assert marks.way in brands.KNOWN
    assert marks.address.startswith("https://")
    assert marks.holder and marks.rule and marks.words and marks.like
