"""What goes first when room is made, and where that ends."""

import os
from pathlib import Path

import pytest

from appliance.errors import HostError
from appliance.store.prune import prune
from appliance.store.results import RECORD, Store

BLOCK = 4096


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Results a and b and a package file, unused since 100, 300 and 200."""
    made = Store(tmp_path / "store")
    made.open()
    for name, used in (("a" * 64, 100), ("b" * 64, 300)):
        with made.lock(name), made.draft(name, "layer:x") as place:
            (place / "data").write_bytes(b"x" * 100 * BLOCK)
        os.utime(made.path(name) / RECORD, (used, used))
    package = made.packages / "p.deb"
    package.write_bytes(b"x" * 50 * BLOCK)
    os.utime(package, (200, 200))
    return made


def there(store: Store) -> set[str]:
    return {path.name[0] for place in (store.results, store.packages) for path in place.iterdir()}


def held(store: Store) -> int:
    return sum(item.size for item in store.kept())


@pytest.mark.parametrize(
    ("keep", "left"),
    [(300, {"a", "b", "p"}), (200, {"b", "p"}), (120, {"b"}), (50, set()), (0, set())],
)
def test_what_was_not_used_for_longest_goes_first(store: Store, keep: int, left: set[str]) -> None:
    prune(store, keep=keep * BLOCK)

    assert there(store) == left


def test_the_bytes_that_are_freed_are_said(store: Store) -> None:
    before = held(store)

    assert prune(store, keep=200 * BLOCK) == before - held(store)
    assert prune(store, keep=200 * BLOCK) == 0
    assert prune(store, keep=0) >= 150 * BLOCK


def test_what_killed_builds_left_goes_in_any_case(store: Store) -> None:
    (store.drafts / "bench.1.2").mkdir()

    prune(store, keep=1 << 40)

    assert list(store.drafts.iterdir()) == []
    assert there(store) == {"a", "b", "p"}


def test_locks_of_digests_go_and_others_stay(store: Store) -> None:
    (store.locks / "apt-0123456789abcdef").touch()

    prune(store, keep=1 << 40)

    assert {path.name for path in store.locks.iterdir()} == {"store", "apt-0123456789abcdef"}


@pytest.mark.parametrize("keep", [0, 1])
def test_what_package_managers_keep_goes_only_with_everything(store: Store, keep: int) -> None:
    for name in ("apt", "dnf", "tools", "boots"):
        (store.place / name / "x").mkdir(parents=True)

    prune(store, keep=keep)

    assert (store.place / "boots").exists()
    assert [(store.place / name).exists() for name in ("apt", "dnf", "tools")] == [bool(keep)] * 3


def test_not_while_a_build_runs(store: Store) -> None:
    with store.using(), pytest.raises(HostError, match="a build is using the store"):
        prune(store, keep=0)
    assert there(store) == {"a", "b", "p"}
