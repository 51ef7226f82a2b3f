"""Which RPM packages a kickstart comes to, where they come from, and what its lock remembers."""

import json
from pathlib import Path

import pytest

from building import Yard
from mirror import Mirror
from rpm_distribution.keys import key
from rpm_distribution.repository import publish, ready
from rpm_distribution.rpm_file import Package, regular
from rpm_distribution.world import World
from rpm_fixtures import RpmYard

SOURCE = 7


def names(yard: RpmYard, *lines: str, options: str = "--nocore", archive: str = "base") -> set[str]:
    return set(yard.lock(yard.recipe(*lines, options=options, archive=archive)))


# --- packages


def test_a_group_has_its_levels(rpm_yard: RpmYard) -> None:
    usual = names(rpm_yard, "@oddities")
    assert {"greeting", "choosy", "one", "conditional"} <= usual
    assert not {"documented", "links", "slowish"} & usual
    bare = names(rpm_yard, "@oddities --nodefaults")
    assert {"greeting", "conditional"} <= bare
    assert not {"choosy", "one", "documented"} & bare
    assert {"choosy", "documented", "links"} <= names(rpm_yard, "@oddities --optional")


def test_a_conditional_package_comes_with_its_condition_only(rpm_yard: RpmYard) -> None:
    assert "slowish" in names(rpm_yard, "@oddities", "-greeting", "thief")
    assert "conditional" not in names(rpm_yard, "@oddities", "-greeting")


def test_an_environment_has_its_groups(rpm_yard: RpmYard) -> None:
    found = names(rpm_yard, "@^odd-environment", options="")
    assert {"basesystem", "shadow-utils", "greeting"} <= found  # of core, and of oddities
    assert "configured" not in found
    less = names(rpm_yard, "@^odd-environment", "-@oddities", options="")
    assert "shadow-utils" in less
    assert "greeting" not in less


def test_weak_dependencies_come_unless_they_are_left_out(rpm_yard: RpmYard) -> None:
    assert {"weak", "supplement"} <= names(rpm_yard, "choosy", "one", "greeting")
    bare = names(
        rpm_yard, "choosy", "one", "greeting", options="--nocore --exclude-weakdeps"
    )  # fmt: skip
    assert not {"weak", "supplement"} & bare


def test_a_package_is_asked_for_by_file_architecture_glob_or_version(rpm_yard: RpmYard) -> None:
    assert "bash" in names(rpm_yard, "/usr/bin/bash")
    assert "links" in names(rpm_yard, "/srv/links/first")  # in no primary metadata
    assert "greeting" in names(rpm_yard, "greeting.noarch")
    assert {"greeting", "greeting-data"} <= names(rpm_yard, "greet*")
    lines = ("greeting-1.0", "greeting-data-1.0-1.tl13")
    packages = rpm_yard.lock(rpm_yard.recipe(*lines, archive="base updates"))
    assert packages["greeting"]["version"] == "1.0-1.tl13"


def test_what_is_missing_or_broken_can_be_left_out(rpm_yard: RpmYard) -> None:
    lines = ("greeting", "no-such", "@no-such")
    assert "greeting" in names(rpm_yard, *lines, options="--nocore --ignoremissing")
    found = names(rpm_yard, "greeting", "broken-promise", options="--nocore --ignorebroken")
    assert "greeting" in found
    assert "broken-promise" not in found


def test_why_each_is_there_is_remembered(rpm_yard: RpmYard) -> None:
    packages = rpm_yard.lock(rpm_yard.recipe("@oddities --nodefaults", "choosy", "one"))
    expected = {
        "choosy": "user", "one": "user", "greeting": "group", "conditional": "group",
        "greeting-data": "dependency", "glibc": "dependency", "weak": "weak", "supplement": "weak",
    }  # fmt: skip
    assert {name: packages[name]["reason"] for name in expected} == expected


# --- repositories


def test_a_repository_of_updates_gives_the_newer_version(rpm_yard: RpmYard) -> None:
    packages = rpm_yard.lock(rpm_yard.recipe("greeting", archive="base updates"))
    assert packages["greeting"]["version"] == "1.1-1.tl13"
    assert packages["greeting-data"]["repository"] == "updates"
    assert packages["bash"]["repository"] == "base"


@pytest.mark.parametrize(
    ("first", "second", "version"),
    [
        ("", " --excludepkgs=greet*", "1.0"),
        (" --excludepkgs=greeting,greeting-data", "", "1.1"),
        ("", " --includepkgs=nothing", "1.0"),
        (" --cost=10", " --cost=2000", "1.1"),  # a cost never beats a newer version
    ],
)
def test_repositories_can_be_limited(
    rpm_yard: RpmYard, first: str, second: str, version: str
) -> None:
    url = rpm_yard.mirror.url
    lines = f"repo --name=base --baseurl={url}/base{first}\n"
    lines += f"repo --name=updates --baseurl={url}/updates{second}\n"
    packages = rpm_yard.lock(rpm_yard.recipe("greeting", lines=lines))
    assert packages["greeting"]["version"] == f"{version}-1.tl13"


def test_the_cheaper_of_two_equal_repositories_is_taken(rpm_yard: RpmYard) -> None:
    url = rpm_yard.mirror.url
    for dear, cheap in (("a", "b"), ("b", "a")):
        lines = f"repo --name={dear} --baseurl={url}/base --cost=2000\n"
        lines += f"repo --name={cheap} --baseurl={url}/base --cost=10\n"
        packages = rpm_yard.lock(rpm_yard.recipe(lines=lines))
        assert {package["repository"] for package in packages.values()} == {cheap}


@pytest.mark.parametrize("kind", ["metalink", "mirrorlist"])
def test_of_two_mirrors_the_first_may_be_dead(rpm_yard: RpmYard, kind: str) -> None:
    mirror = rpm_yard.mirror
    rpm_yard.store = rpm_yard.place / "store"
    lines = f"repo --name=base --{kind}={mirror.url}/base.{kind}\n"
    packages = rpm_yard.lock(rpm_yard.recipe("greeting", lines=lines))
    assert packages["greeting"]["repository"] == "base"
    assert any(path.startswith("/nothing/base/") for path, _ in mirror.asked)


def test_repo_files_are_taken_with_their_own_keys(rpm_yard: RpmYard, tiny_rpm_world: World) -> None:
    folder = rpm_yard.place / "repos.d"
    folder.mkdir()
    (folder / "a.repo").write_text(
        f"[foreign]\nname=Foreign\nbaseurl={rpm_yard.mirror.url}/foreign\ngpgcheck=1\n"
        f"gpgkey={tiny_rpm_world.foreign_key.as_uri()}\n"
        f"[unsigned]\nbaseurl={rpm_yard.mirror.url}/unsigned\ngpgcheck=0\n"
        "[off]\nbaseurl=http://127.0.0.1:9/\nenabled=0\n"
    )
    packages = rpm_yard.lock(rpm_yard.recipe("stranger", "unsigned"), "--repo", folder)
    assert packages["stranger"]["repository"] == "foreign"
    assert packages["unsigned"]["repository"] == "unsigned"
    ended = rpm_yard.run("lock", rpm_yard.recipe(), "--repo", "/nowhere.repo")
    assert ended.status == 2
    assert "--repo /nowhere.repo: " in ended.err


def test_a_kickstart_that_names_no_repository_is_told_one_with_its_variables(
    rpm_yard: RpmYard,
) -> None:
    recipe = rpm_yard.recipe("greeting", lines="# none\n")
    file = rpm_yard.place / "company.repo"
    file.write_text(f"[company]\nname=Company\nbaseurl={rpm_yard.mirror.url}/$stage\n")

    packages = rpm_yard.lock(recipe, "--repo", file, "--var", "stage=base")
    assert packages["greeting"]["repository"] == "company"
    ended = rpm_yard.run("lock", recipe, "--repo", file)
    assert ended.status == 2
    assert "$stage, which has no value here\n  try: --var stage=VALUE" in ended.err
    ended = rpm_yard.run("lock", recipe)
    assert ended.status == 2
    assert "no repository says which distribution this is" in ended.err


def test_variables_stand_in_the_lines_of_a_kickstart_too(rpm_yard: RpmYard) -> None:
    lines = f"repo --name=company --baseurl={rpm_yard.mirror.url}/${{stage}}\n"
    packages = rpm_yard.lock(rpm_yard.recipe("greeting", lines=lines), "--var", "stage=base")
    assert packages["greeting"]["repository"] == "company"


# --- the lock


def test_a_lock_builds_without_a_mirror_the_same_as_before(fresh_rpm_yard: RpmYard) -> None:
    yard = fresh_rpm_yard
    recipe = yard.recipe("greeting")
    yard.build(recipe, "-f", "raw")
    before = yard.image().read_bytes()
    assert yard.run("lock", recipe).status == 0
    for record in yard.store.glob("results/*/result.json"):
        record.unlink()
    yard.mirror.behave()
    yard.mirror.gone.add("/")
    ended = yard.build(recipe, "-f", "raw")
    assert yard.mirror.asked == []
    assert yard.image().read_bytes() == before
    assert "layer:packages" in ended.gives("StepFinished")


def test_a_package_that_the_lock_does_not_have_is_named_with_its_line(rpm_yard: RpmYard) -> None:
    assert rpm_yard.run("lock", rpm_yard.recipe("greeting")).status == 0
    recipe = rpm_yard.recipe("greeting", "choosy")
    ended = rpm_yard.build(recipe, status=SOURCE)
    assert f"{recipe}:9: 'choosy' is not in the lock" in ended.err
    assert "--update-lock" in ended.err


def _strange(contents: str) -> Package:
    package = Package("strange", "1.0", "1", arch="noarch")
    package.files = [regular("/usr/share/strange", contents)]
    package.shell("post", "true")
    return package


def _again(package: Package, repository: Path, signer_home: Path) -> None:
    """Put another file of a *package* into a repository whose metadata stay as they are."""
    signer = key(signer_home, "Another")
    package.write(repository / "Packages", signer)
    signer.rest()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("signature", "strange 1.0-1 was signed again: what is inside is the same"),
        ("file", "has changed: its SHA-256 is"),
        ("script", "has changed: its SHA-256 is"),
    ],
)
def test_a_package_signed_again_is_told_from_one_that_changed(
    fresh_rpm_yard: RpmYard, rpm_server: Mirror, change: str, told: str
) -> None:
    yard = fresh_rpm_yard
    place = rpm_server.place / f"strange-{change}"
    publish(place, ready([_strange("one\n")]), None)
    recipe = yard.recipe("strange", archive=f"base {place.name}")
    trust = ("--no-gpg-check", place.name)
    ended = yard.run("lock", recipe, *trust)
    assert ended.status == 0, ended.err
    package = _strange("two\n" if change == "file" else "one\n")
    if change == "script":
        package.shell("post", "rm -rf /home")
    _again(package, place, yard.place / "key")
    for path in yard.store.glob("packages/*.rpm"):
        path.unlink()
    ended = yard.build(recipe, *trust, status=SOURCE)
    assert told in ended.err
    assert "--update-lock" in ended.err


def test_the_lock_says_what_is_inside(rpm_yard: RpmYard) -> None:
    packages = rpm_yard.lock(rpm_yard.recipe("greeting"))
    assert all(len(package["payload"]) == 64 for package in packages.values())
    assert len({package["payload"] for package in packages.values()}) == len(packages)


def test_a_lock_changes_nothing_of_what_was_built(rpm_yard: RpmYard) -> None:
    recipe = rpm_yard.recipe("greeting", "weak")
    rpm_yard.build(recipe, "-f", "raw")
    assert rpm_yard.run("lock", recipe).status == 0
    again: Yard = rpm_yard
    ended = again.build(recipe, "-f", "raw")
    assert ended.gives("StepFinished") == []
    lock = json.loads(recipe.with_suffix(".lock").read_text())
    assert {item["name"] for item in lock["repositories"]} == {"base"}
