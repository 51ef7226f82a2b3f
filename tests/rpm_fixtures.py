"""What tests of the RPM family install from: two sizes of a distribution, and a mirror."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror import Mirror, serving
from rpm_distribution.world import World, cache

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
