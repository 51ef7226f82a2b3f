"""What several kinds of tests build with: a tiny distribution, its mirror, a plain user."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import building
import tiny_distribution as tiny
from building import Person, Yard
from mirror import Mirror, serving

pytest_plugins = ["rpm_fixtures", "outcome_fixtures", "libvirt_fixtures"]


@pytest.fixture(scope="session")
def open_place() -> Iterator[Path]:
    """A directory that every user may enter."""
    place = Path(tempfile.mkdtemp(prefix="appliance-tests-", dir="/var/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def archives(open_place: Path) -> Iterator[Path]:
    """The archives `tiny` (signed), `unsigned` and `stranger` (signed with another key), and the
    keyring `trusted.gpg` for the first."""
    lacking = tiny.known_tools()
    if lacking:
        pytest.fail(f"not installed: {', '.join(lacking)}; `make setup` installs it")
    place = open_place / "archives"
    place.mkdir()
    packages = (tiny.base(), *tiny.PACKAGES)
    with (
        tiny.signer(open_place / "trusted") as (ours, _),
        tiny.signer(open_place / "other") as (theirs, _),
    ):
        tiny.publish(place / "tiny", packages, sign=ours)
        tiny.publish(place / "unsigned", packages, sign=None)
        tiny.publish(place / "stranger", packages, sign=theirs)
        yield place


@pytest.fixture(scope="session")
def server(archives: Path) -> Iterator[Mirror]:
    with serving(archives) as mirror:
        yield mirror


@pytest.fixture
def tiny_repository(server: Mirror) -> Mirror:
    """The mirror of all archives, well behaved at the start of each test."""
    server.behave()
    return server


@pytest.fixture(scope="session")
def plain_user(open_place: Path) -> Iterator[Person]:
    """Somebody who is not root, and may build."""
    if os.geteuid():
        yield building.root()  # whoever runs the tests is one
        return
    with building.plain_user(open_place) as person:
        yield person


@pytest.fixture
def place(open_place: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """An empty directory of the test's own."""
    path = Path(tempfile.mkdtemp(prefix=f"{request.node.name[:20]}-", dir=open_place))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def yard(place: Path, tiny_repository: Mirror, open_place: Path, archives: Path) -> Yard:
    """A place to build in as whoever runs the tests, with a store that all tests share."""
    store = open_place / "store"
    return Yard(place, building.root(), tiny_repository, open_place / "trusted.gpg", store)


@pytest.fixture
def fresh_yard(yard: Yard) -> Yard:
    """One with an empty store."""
    yard.store = yard.place / "store"
    return yard


@pytest.fixture
def users_yard(yard: Yard, plain_user: Person, open_place: Path) -> Yard:
    """One of a plain user."""
    yard.person, yard.store = plain_user, plain_user.home / "store"
    if plain_user.before:
        shutil.chown(yard.place, plain_user.name)
    return yard


@pytest.fixture
def quiet_host() -> Iterator[None]:
    """Nothing may be mounted and no loop device set up by a test."""
    before = host_state()
    yield
    assert host_state() == before


def host_state() -> tuple[str, str]:
    """What is mounted, and which loop devices are in use."""
    loops = subprocess.run(["losetup", "--list"], capture_output=True, text=True, check=False)
    return Path("/proc/mounts").read_text(), loops.stdout
