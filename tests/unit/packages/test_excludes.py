"""An exclude of an included file yields to what is needed; one of the kickstart itself does not."""

from pathlib import Path

import pytest

from appliance.backends.families import KNOWN
from appliance.backends.package_managers.model import LockedPackage
from appliance.errors import RecipeError, Where
from appliance.packages import excludes
from appliance.recipe.model import Packages, Recipe, WantedPackage
from appliance.recipe.reading.load import load

BASE = Where(Path("base.ks"), 4)
NEEDS = {"python": ("tzdata",), "web": ("python", "fonts"), "tzdata": (), "fonts": ()}


def packages(*names: str, without: tuple[str, ...], yields: bool = True) -> Packages:
    return Packages(
        names=tuple(WantedPackage(name, BASE) for name in names),
        excluded=tuple(WantedPackage(name, BASE, yields) for name in without),
    )


def choose(wanted: Packages) -> tuple[LockedPackage, ...]:
    """A package manager that knows four packages."""
    found: dict[str, None] = {}
    todo = [item.name for item in wanted.names]
    excluded = {item.name for item in wanted.excluded}
    while todo:
        name = todo.pop()
        if name in excluded or name not in NEEDS:
            raise RecipeError(f"-{name} cannot be left out")
        found[name] = None
        todo += NEEDS[name]
    return tuple(LockedPackage(name, "1", "all", "", 0, "r", "p") for name in sorted(found))


def test_what_is_needed_comes_and_what_is_not_stays_away() -> None:
    wanted = packages("python", without=("fonts", "tzdata", "unheard-of"))

    answer = excludes.chosen(choose, wanted)

    assert [item.name for item in answer] == ["python", "tzdata"]
    (note,) = excludes.notes(wanted, answer)
    assert (note.text.partition(":")[0], note.where) == ("-tzdata yields", BASE)


def test_several_may_have_to_yield() -> None:
    answer = excludes.chosen(choose, packages("web", without=("fonts", "tzdata")))

    assert {"fonts", "tzdata"} < {item.name for item in answer}


def test_an_exclude_that_nothing_needs_is_asked_for_once() -> None:
    asked: list[Packages] = []

    def counted(wanted: Packages) -> tuple[LockedPackage, ...]:
        asked.append(wanted)
        return choose(wanted)

    wanted = packages("python", without=("fonts",))
    assert excludes.notes(wanted, excludes.chosen(counted, wanted)) == ()
    assert asked == [wanted]


def test_what_came_only_because_nothing_forbade_it_stays_away() -> None:
    def recommending(wanted: Packages) -> tuple[LockedPackage, ...]:
        answer = choose(wanted)
        if any(item.name == "fonts" for item in wanted.excluded):
            return answer
        return (*answer, LockedPackage("fonts", "1", "all", "", 0, "r", "p"))

    answer = excludes.chosen(recommending, packages("python", without=("fonts", "tzdata")))

    assert [item.name for item in answer] == ["python", "tzdata"]


def test_an_exclude_of_the_kickstart_itself_does_not_yield() -> None:
    with pytest.raises(RecipeError, match="-tzdata cannot be left out"):
        excludes.chosen(choose, packages("python", without=("tzdata",), yields=False))


def test_what_is_wrong_without_excludes_too_is_what_is_told() -> None:
    with pytest.raises(RecipeError, match="-nowhere cannot"):
        excludes.chosen(choose, packages("python", "nowhere", without=("tzdata",)))


def recipe(tmp_path: Path, base: str, text: str) -> Recipe:
    (tmp_path / "base.ks").write_text(f"part / --size=1024\n%packages\n{base}\n%end\n")
    (tmp_path / "web.ks").write_text(f"%include base.ks\n{text}\n")
    return load(tmp_path / "web.ks")


SETTINGS = [
    ("debian", "timezone Europe/Berlin", "tzdata"),
    ("debian", "firewall --enabled --http", "firewalld"),
    ("debian", "lang de_DE.UTF-8", "locales"),
    ("debian", "timesource --ntp-server=ntp.example.org", "systemd-timesyncd"),
    ("fedora", "timezone Europe/Berlin", "tzdata"),
    ("fedora", "firewall --enabled", "firewalld"),
    ("fedora", "timesource --ntp-server=ntp.example.org", "chrony"),
    ("fedora", "keyboard de", "kbd"),
]


@pytest.mark.parametrize(("family", "setting", "package"), SETTINGS)
def test_it_yields_to_what_a_setting_needs_and_that_is_said(
    tmp_path: Path, family: str, setting: str, package: str
) -> None:
    read = recipe(tmp_path, f"-{package}\n-nano", setting)

    settled = excludes.settled(read, KNOWN[family])

    assert [item.name for item in settled.packages.excluded] == ["nano"]
    note = settled.notes[-1]
    assert note.text.startswith(f"-{package} yields: {setting.split(maxsplit=1)[0]}")
    assert (note.where.path.name, note.where.line) == ("base.ks", 3)


@pytest.mark.parametrize(
    ("family", "setting", "package"),
    [row for row in SETTINGS if row[0] == "debian" or row[2] in ("tzdata", "firewalld")],
)
def test_of_the_kickstart_itself_it_is_refused_at_once(
    tmp_path: Path, family: str, setting: str, package: str
) -> None:
    read = recipe(tmp_path, "nano", f"{setting}\n%packages\n-{package}\n%end")

    with pytest.raises(RecipeError) as caught:
        excludes.settled(read, KNOWN[family])

    assert "web.ks:4: " in str(caught.value)
    assert f"-{package} cannot be left out: {setting.split(maxsplit=1)[0]}" in str(caught.value)


def test_whoever_names_chrony_gets_no_other_clock(tmp_path: Path) -> None:
    text = "timesource --ntp-server=ntp.example.org\n%packages\nchrony\n%end"
    needs = KNOWN["debian"].packages_of_settings(recipe(tmp_path, "nano", text))

    assert "systemd-timesyncd" not in [need.package for need in needs]
