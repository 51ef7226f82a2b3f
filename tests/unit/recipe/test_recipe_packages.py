"""The %packages sections: names, groups, environments, and what each option makes of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance.recipe.model import Packages, Recipe
from appliance.recipe.reading.load import load, problems

ROOT = "part / --size=1024\n"


@pytest.fixture
def recipe_of(tmp_path: Path) -> Callable[[str], Recipe]:
    def make(text: str) -> Recipe:
        (tmp_path / "x.ks").write_text(ROOT + text)
        return load(tmp_path / "x.ks")

    return make


@pytest.fixture
def chosen(recipe_of: Callable[[str], Recipe]) -> Callable[[str], Packages]:
    return lambda body: recipe_of(f"%packages\n{body}\n%end\n").packages


PACKAGES: list[tuple[str, str, Any]] = [
    ("a\n-a", "names", ()),
    ("-a\na", "excluded", ()),
    ("a\n-a\na", "names", ("a",)),
    ("a*\n-a", "names", ("a*",)),
    ("lib*\nx.y-1:2", "names", ("lib*", "x.y-1:2")),
    ("/usr/bin/perl\n/etc/*-release", "names", ("/usr/bin/perl", "/etc/*-release")),
    ("libstdc++.i686\ng++\n389-ds", "names", ("libstdc++.i686", "g++", "389-ds")),
    ("a-1:2.0~rc1-3^git.fc44.x86_64", "names", ("a-1:2.0~rc1-3^git.fc44.x86_64",)),
    ("perl(Foo::Bar)\nfont(:lang=cs)", "names", ("perl(Foo::Bar)", "font(:lang=cs)")),
    ("python3-[!a-z]?  # why", "names", ("python3-[!a-z]?",)),
    ("glibc  >=  2.41", "names", ("glibc >= 2.41",)),
    ("-kernel*\n-/usr/bin/x", "excluded", ("kernel*", "/usr/bin/x")),
    ("@web\n@ Desktop   Tools", "groups", ("web", "Desktop Tools")),
    ("@web\n-@web", "groups", ()),
    ("-@web\n@web", "groups", ("web",)),
    ("@Office/Productivity\n@C++ Tools (all)", "groups",
     ("Office/Productivity", "C++ Tools (all)")),
    ("@^server\n-@web\n-@ Old Tools", "excluded_groups", ("web", "Old Tools")),
    ("@web\n@^server\n-@web", "excluded_groups", ("web",)),
    ("-@web\n@^server\n@web", "excluded_groups", ()),
    ("@^server\n-@core", "excluded_groups", ("core",)),
    ("-@web", "excluded_groups", ()),
]  # fmt: skip


@pytest.mark.parametrize(("body", "field", "value"), PACKAGES)
def test_packages(
    chosen: Callable[[str], Packages], body: str, field: str, value: tuple[str, ...]
) -> None:
    assert tuple(wanted.name for wanted in getattr(chosen(body), field)) == value


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("@web", ("web", "default")),
        ("@web --nodefaults", ("web", "mandatory")),
        ("@--optional Old  Tools # all", ("Old Tools", "optional")),
        ("@web --nodefaults\n@web --optional", ("web", "optional")),
        ("@web --optional\n@web", ("web", "default")),
        ("@core --optional", ("core", "optional")),
    ],
)
def test_levels(chosen: Callable[[str], Packages], body: str, expected: tuple[str, str]) -> None:
    packages = chosen(body)
    assert [(group.name, group.level) for group in packages.groups] == [expected]
    assert packages.core


def test_a_plain_core_is_as_if_nobody_had_named_it(chosen: Callable[[str], Packages]) -> None:
    assert chosen("@core") == Packages()
    assert chosen("@core --optional\n@core") == Packages()
    assert chosen("@core --optional\n-@core") == Packages(core=False)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("@^server", "server"),
        ("@^ Fedora Server Edition # it", "Fedora Server Edition"),
        ("@^server\n@^kde-desktop-environment", "kde-desktop-environment"),
        ("@^server\n-@^server", None),
        ("@^server\n-@^kde", "server"),
        ("-@^server\n@^server", "server"),
    ],
)
def test_environments(chosen: Callable[[str], Packages], body: str, name: str | None) -> None:
    environment = chosen(body).environment
    assert (environment and environment.name) == name


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("@^server\n@^kde", "@^kde replaces @^server of {file}:3"),
        ("@^server\n@^server", ""),
        ("@^server\n-@^kde", "-@^kde: no earlier line asks for this environment"),
        ("-@web", "-@web: no earlier line asks for this group"),
        ("@web\n-@web", ""),
        ("-@core", ""),
        ("-@web\n@^server", ""),
        ("@^server\n-@web\n-@^server", "-@web: no earlier line asks for this group"),
        ("@web\n@web --optional", "@web --optional replaces @web of {file}:3"),
        ("@web\n@web", ""),
    ],
)
def test_what_has_no_effect_is_noted(
    recipe_of: Callable[[str], Recipe], tmp_path: Path, body: str, note: str
) -> None:
    notes = recipe_of(f"%packages\n{body}\n%end\n").notes
    assert [each.text for each in notes] == [note.format(file=tmp_path / "x.ks")] * bool(note)


@pytest.mark.parametrize(
    ("header", "body", "field", "value"),
    [
        ("--nocore", "", "core", False),
        ("--nocore", "@core", "core", True),
        ("", "-@core", "core", False),
        ("", "", "languages", None),
        ("--inst-langs=", "", "languages", ()),
        ("--instLangs cs:de", "", "languages", ("cs", "de")),
        ("--excludeWeakdeps", "", "weak_dependencies", False),
        ("--exclude-weakdeps", "", "weak_dependencies", False),
        ("--ignoremissing", "", "ignore_missing", True),
        ("--ignorebroken", "", "ignore_broken", True),
        ("--multilib", "", "multilib", True),
        ("--multilib --retries 5 --timeout=9", "", "multilib", True),
        ("--excludedocs\n%end\n%packages", "", "documentation", True),
    ],
)
def test_options_of_packages(
    recipe_of: Callable[[str], Recipe], header: str, body: str, field: str, value: object
) -> None:
    assert getattr(recipe_of(f"%packages {header}\n{body}\n%end\n").packages, field) == value


WRONG = [
    ("@", "a group without a name", "@GROUP"),
    ("-@", "a group without a name", "@GROUP"),
    ("@-web", "a group without a name", "@GROUP"),
    ("@ --optional", "a group without a name", "@GROUP"),
    ("@web --all", "unknown option '--all' of a group", "--nodefaults, --optional"),
    ("@web --optional --nodefaults", "@web cannot be both", "--nodefaults or --optional"),
    ("-@web --optional", "a group is left out as a whole", "-@web"),
    ("@nodejs:22", "modules need the modular repositories of dnf 4", "a repository that has"),
    ("@nodejs:22/minimal", "modules need", "a repository that has the version"),
    ("@^", "an environment without a name", "@^ENVIRONMENT"),
    ("-@^", "an environment without a name", "@^ENVIRONMENT"),
    ("@^server --optional", "an environment has no options", "@^ENVIRONMENT"),
    ("-", "'' is not the name", "a package, a glob, or @group"),
    ("--x", "'-x' is not the name", "a package, a glob, or @group"),
    ("a b", "'a b' is not the name", "one package per line"),
    ("a >= ", "'a >=' is not the name", "one package per line"),
    ("-a >= 1", "'a >= 1' is not the name", "one package per line"),
    ("a >= $(id)", "is not the name", "one package per line"),
    ("$(id)", "is not the name", "a package"),
    ("a;b", "is not the name", "a package"),
]


@pytest.mark.parametrize(("line", "words", "hint"), WRONG)
def test_what_is_no_package_is_refused(tmp_path: Path, line: str, words: str, hint: str) -> None:
    (tmp_path / "x.ks").write_text(f"{ROOT}%packages\n{line}\n%end\n")
    [error], _ = problems(tmp_path / "x.ks")
    assert words in error.problem
    assert hint in error.hint
    assert error.where is not None
    assert error.where.line == 3


def test_a_later_header_undoes_the_options_of_an_earlier_one_and_that_is_said(
    recipe_of: Callable[[str], Recipe], tmp_path: Path
) -> None:
    recipe = recipe_of(
        "%packages --nocore --instLangs=cs\na\n%end\n%packages --excludedocs\nb\n%end\n"
    )

    assert recipe.packages.core
    assert not recipe.packages.documentation
    assert recipe.packages.languages == ("cs",)
    [note] = recipe.notes
    last = f"the last %packages, {tmp_path / 'x.ks'}:5, lacks it"
    assert note.text == f"--nocore counts for nothing: {last}"
    assert note.where.line == 2
