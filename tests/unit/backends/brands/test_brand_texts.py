"""The files that say what a system is called."""

import shlex

import pytest
from test_brand_packages import recipe

from appliance.backends import brands
from appliance.backends.boot_loaders.grub import grub_config
from appliance.backends.boot_loaders.look import PLAIN_LOOK, MenuLook
from appliance.backends.brands import texts
from appliance.backends.families import KNOWN
from appliance.recipe.brand import NEUTRAL, Brand, Logo
from appliance.recipe.image import Image

HOSTILE = """A"B $(id) `id` \\n 'x' END"""


def values(text: str) -> dict[str, str]:
    """What a shell reads of an os-release."""
    return {
        word.partition("=")[0]: word.partition("=")[2].replace("\\$", "$").replace("\\`", "`")
        for word in shlex.split(text)
    }


def test_os_release_says_whose_it_is_and_what_it_is_like() -> None:
    brand = Brand("ACME Web", "acme-web", version="1.2", variant="Very Small", logo=Logo("", 1, 1))
    said = values(texts.os_release(brand, Image("web", "1.2"), ("ubuntu", "debian")))
    assert said == {
        "NAME": "ACME Web", "PRETTY_NAME": "ACME Web 1.2", "ID": "acme-web",
        "ID_LIKE": "ubuntu debian", "VARIANT": "Very Small", "VARIANT_ID": "very-small",
        "LOGO": "acme-web-logo", "IMAGE_ID": "web", "IMAGE_VERSION": "1.2",
    }  # fmt: skip


def test_no_name_breaks_out_of_its_quotes() -> None:
    brand = Brand(HOSTILE, "x")
    assert values(texts.os_release(brand, None, ("debian",)))["NAME"] == HOSTILE
    assert texts.issue(brand).startswith(HOSTILE.replace("\\", "\\\\"))
    config = grub_config(
        root_uuid="1", boot_path="/boot", arguments="ro", timeout=1, look=MenuLook(HOSTILE)
    )
    assert 'menuentry "A\\"B \\$(id) `id` \\\\n \'x\' END" {' in config


def test_a_console_says_where_the_web_page_is() -> None:
    brand = Brand("ACME", "acme", page="https://{}:8443/")
    assert texts.issue(brand) == "ACME \\n \\l\n\nWeb page: https://\\4:8443/\n\n"
    assert texts.issue(NEUTRAL) == "Linux \\n \\l\n\nAddress: \\4\n\n"


@pytest.mark.parametrize("family", ["debian", "fedora"])
def test_who_has_no_name_shows_no_other(family: str) -> None:
    script = brands.script(recipe(NEUTRAL), KNOWN[family])
    assert "NAME=Linux" in script
    assert "sshd_config.d" not in script


def test_what_a_release_package_holds_is_not_written_again() -> None:
    own = Brand("ACME", "acme", release_package="acme-release")
    assert brands.script(recipe(own), KNOWN["fedora"]) == ""
    assert "/etc/issue" not in brands.script(recipe(own), KNOWN["rocky"])


def test_a_menu_has_the_nearest_of_sixteen_colours() -> None:
    look = MenuLook("ACME", "#f1faee", "#1d3557")
    assert look.grub_colours() == (
        "set color_normal=white/blue\nset menu_color_normal=white/blue\n"
        "set menu_color_highlight=blue/light-gray\n"
    )
    assert PLAIN_LOOK.grub_colours() == ""


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#aaaaaa", "#0000aa", "#00aa00"])
def test_a_menu_can_be_read_whatever_its_colours(colour: str) -> None:
    for line in MenuLook("ACME", colour, colour).grub_colours().splitlines():
        front, _, behind = line.partition("=")[2].partition("/")
        assert front != behind


def test_a_splash_has_the_picture_where_it_can() -> None:
    plain = texts.splash(Brand("ACME", "acme", colour="#ff0000"))
    assert "ModuleName=text" in plain and "white=0xff0000" in plain
    assert "script.so" not in plain
    assert "ModuleName=script" in texts.splash(Brand("ACME", "acme", logo=Logo("", 1, 1)))
