"""What dnf can do and apt cannot is refused at its line, never left out in silence."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from appliance.backends.families.apt_refusals import PACKAGES, REPOSITORY, refuse_unsupported
from appliance.backends.families.apt_repositories import sources
from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.question import Question
from appliance.errors import RecipeError
from appliance.layout.storage import Storage
from appliance.recipe.model import Packages, Recipe, Repository
from appliance.recipe.reading.load import load

ROOT = "part / --size=1024\n"
BASE = "repo --name=x --baseurl=https://h.invalid/debian/dists/sid"
UNDERSTOOD = {"cost", "installed", "name", "priority", "url", "where"}
UNDERSTOOD_OF_PACKAGES = {
    *("names", "groups", "excluded", "core", "documentation", "languages"),
    *("weak_dependencies", "ignore_missing", "environment", "excluded_groups"),
}


def recipe_of(directory: Path, text: str) -> Recipe:
    (directory / "x.ks").write_text(f"{ROOT}{text}\n")
    return load(directory / "x.ks")


REFUSED = [
    ("repo --name=x --mirrorlist=http://h/m", "x --mirrorlist: apt has no lists of mirrors", 2),
    ("repo --name=x --metalink=http://h/m", "x --metalink: apt has no metalinks", 2),
    (f"{BASE} --includepkgs=a", "x --includepkgs: ", 2),
    (f"{BASE} --excludepkgs=a", "x --excludepkgs: ", 2),
    (f"{BASE} --proxy=http://joe:hush@p:1", "x --proxy: ", 2),
    (f"{BASE} --noverifyssl", "x --noverifyssl: ", 2),
    (f"{BASE} --sslcacert=/c", "x --sslcacert: ", 2),
    (f"{BASE} --sslclientcert=/c", "x --sslclientcert: ", 2),
    (f"{BASE} --sslclientcert=/c --sslclientkey=/k", "x --sslclientcert: ", 2),
    ("%packages\n@^server\n%end", "@^server: apt has no environments", 3),
    ("%packages\na\n@web --nodefaults\n%end", "@web --nodefaults: apt's tasks have no levels", 4),
    ("%packages\n@core --optional\n%end", "@core --optional: apt's tasks have no levels", 3),
    ("%packages --ignorebroken\n%end", "%packages --ignorebroken: ", 0),
    ("%packages --multilib\n%end", "%packages --multilib: ", 0),
]


@pytest.mark.parametrize(("text", "says", "line"), REFUSED)
def test_what_apt_cannot_do_is_refused_before_anything_is_fetched(
    tmp_path: Path, text: str, says: str, line: int
) -> None:
    question = Question(recipe_of(tmp_path, text), Storage())
    with pytest.raises(RecipeError) as refused:
        sources(DEBIAN, question, "trixie", host_sources=(), keyring="/k.gpg")
    assert refused.value.problem.startswith(says)
    assert refused.value.hint
    assert "hush" not in str(refused.value)
    assert (refused.value.where.line if refused.value.where else 0) == line


@pytest.mark.parametrize(
    "text",
    [
        "repo --name=debian-trixie --ignoregroups=true",
        BASE,
        "%packages --nocore --excludedocs --inst-langs=cs --exclude-weakdeps --ignoremissing\n%end",
        "%packages\n@standard\n@web\n-@web\n-@gnome-desktop\n-@core\nlib*\n-nano\n%end",
        "%packages\n@^server\n-@web\n-@^server\n%end",
    ],
)
def test_what_apt_can_do_or_what_has_no_effect_is_not(tmp_path: Path, text: str) -> None:
    refuse_unsupported(recipe_of(tmp_path, text))


def test_every_field_is_understood_or_refused() -> None:
    assert {field.name for field in fields(Repository)} == UNDERSTOOD | set(REPOSITORY)
    assert {field.name for field in fields(Packages)} == UNDERSTOOD_OF_PACKAGES | set(PACKAGES)


def test_of_several_the_first_is_refused(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, f"{BASE} --install --proxy=http://p:1\n%packages --multilib\n%end")
    with pytest.raises(RecipeError, match="--proxy"):
        refuse_unsupported(recipe)
    with pytest.raises(RecipeError, match="--multilib"):
        refuse_unsupported(replace(recipe, repositories=()))
