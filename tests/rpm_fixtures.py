"""What tests of the RPM family install from: two sizes of a distribution, and a mirror."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import building
from building import Person, Yard
from mirror import Mirror, serving
from rpm_distribution.world import World, cache

BUILDING = ("build", "lock", "plan", "check")
TOOLS = ("gpg", "zstd", "createrepo_c", "dnf", "rpm", "ldd", "dpkg-deb")


def _require_tools() -> None:
    if lacking := [name for name in TOOLS if not shutil.which(name)]:
        pytest.fail(f"not installed: {', '.join(lacking)}; `make setup` installs it")


def _opened(world: World, place: Path) -> World:
    """The same world in *place*, where every user may read it."""

    def share(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # another filesystem
            shutil.copy2(source, target)

    return World(shutil.copytree(world.place, place, copy_function=share))


@pytest.fixture(scope="session")
def tiny_rpm_world(open_place: Path) -> World:
    """The one that is installed in a second. Nobody may change its files: the cache shares them."""
    _require_tools()
    return _opened(cache().tiny(), open_place / "tiny-rpm")


@pytest.fixture(scope="session")
def rpm_world(open_place: Path) -> World:
    """The one that boots. Nobody may change its files: the cache shares them."""
    _require_tools()
    try:
        world = cache().core()
    except OSError as error:
        pytest.skip(f"no Debian to make packages of: {error}")
    return _opened(world, open_place / "core-rpm")


@pytest.fixture(scope="session")
def rpm_server(tiny_rpm_world: World, open_place: Path) -> Iterator[Mirror]:
    """A mirror of the tiny one, with what World.offer() says besides."""
    place = open_place / "rpm-mirror"
    place.mkdir()
    with serving(place) as mirror:
        tiny_rpm_world.offer(place, mirror.url)
        yield mirror


@pytest.fixture
def rpm_mirror(rpm_server: Mirror) -> Mirror:
    """The same, well behaved at the start of each test."""
    rpm_server.behave()
    return rpm_server


class RpmYard(Yard):
    """A directory to build the tiny distribution in; without a *keyring* no key is given."""

    def recipe(
        self,
        *packages: str,
        more: str = "",
        archive: str = "base",
        disk: str = "part / --fstype=ext4 --size=300",
        name: str = "tiny",
        options: str = "--nocore",
        lines: str = "",
    ) -> Path:
        """Write a kickstart: *archive* names repositories, or *lines* are those of others;
        *options* are those of %packages, whose first own line is the eighth, if all is usual."""
        path = self.place / f"{name}.ks"
        lines = lines or "".join(
            f"repo --name={one} --baseurl={self.mirror.url}/{one}\n" for one in archive.split()
        )
        listed = "\n".join(("coreutils", "findutils", "sed", *packages))
        path.write_text(
            f"{lines}{disk}\nbootloader --disabled\n%packages {options}\n{listed}\n%end\n{more}"
        )
        return path

    def words(self, *words: str | Path) -> list[str]:
        argv = super().words(*words)
        told = any(str(word).startswith("--releasever") for word in words)
        if words[0] in BUILDING and not told:  # the tiny one has no release
            argv += ["--releasever", "fedora"]
        if "--keyring" in argv and self.keyring == Path():
            at = argv.index("--keyring")
            del argv[at : at + 2]
        tools = os.environ.get("APPLIANCE_TEST_TOOLS")  # the root of another system, with dnf5
        return [*argv, "--tools", tools] if tools and words[0] in ("build", "lock") else argv

    def lock(self, recipe: Path, *words: str | Path) -> dict[str, dict[str, Any]]:
        """What a recipe comes to, by the names of the packages."""
        ended = self.run("lock", recipe, *words)
        assert ended.status == 0, ended.err
        packages = json.loads(recipe.with_suffix(".lock").read_text())["packages"]
        recipe.with_suffix(".lock").unlink()
        return {package["name"]: package for package in packages}


@pytest.fixture
def rpm_yard(place: Path, rpm_mirror: Mirror, tiny_rpm_world: World, open_place: Path) -> RpmYard:
    """A place to build in as whoever runs the tests, with a store that all tests share."""
    store = open_place / "rpm-store"
    return RpmYard(place, building.root(), rpm_mirror, tiny_rpm_world.key, store)


@pytest.fixture
def fresh_rpm_yard(rpm_yard: RpmYard) -> RpmYard:
    """One with an empty store."""
    rpm_yard.store = rpm_yard.place / "store"
    return rpm_yard


@pytest.fixture
def users_rpm_yard(rpm_yard: RpmYard, plain_user: Person) -> RpmYard:
    """One of a plain user."""
    rpm_yard.person, rpm_yard.store = plain_user, plain_user.home / "rpm-store"
    if plain_user.before:
        shutil.chown(rpm_yard.place, plain_user.name)
    return rpm_yard
