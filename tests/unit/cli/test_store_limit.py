"""The store's limit: what it is, and what a build removes to keep it."""

import os
from pathlib import Path

import pytest
from as_typed import Typed

from appliance.cli import store_limit
from appliance.cli.cache import recipes
from appliance.errors import RequestError
from appliance.events import Event
from appliance.host import probe
from appliance.store.results import RECORD, Store
from appliance.units import GIB, KIB


def filled(place: Path) -> Store:
    """A store with two results of 400 KiB each; "a" was not used for long."""
    store = Store(place)
    store.open()
    for name in ("a" * 64, "b" * 64):
        with store.lock(name), store.draft(name, "layer:x") as draft:
            (draft / "data").write_bytes(bytes(400 * KIB))
    os.utime(store.path("a" * 64) / RECORD, (100, 100))
    os.utime(store.path("b" * 64) / RECORD, (200, 200))
    return store


@pytest.mark.parametrize(
    ("disk", "said", "most"),
    [(50 * GIB, "", 10 * GIB), (500 * GIB, "", 20 * GIB), (50 * GIB, "40GiB", 40 * GIB)],
)
def test_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, disk: int, said: str, most: int
) -> None:
    monkeypatch.setattr(probe, "disk_size", lambda path: disk)
    monkeypatch.setenv(store_limit.VARIABLE, said)
    assert store_limit.limit(tmp_path / "not/there") == most


def test_what_was_unused_for_longest_goes_after_a_build(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(store_limit.VARIABLE, "500KiB")
    store, heard = filled(tmp_path / "store"), list[Event]()
    with store_limit.within_limit(store.place, heard.append):
        assert len(store.kept()) == 2
    assert [item.digest[0] for item in store.kept()] == ["b"]
    assert "above 500 KiB" in str(heard)


def test_what_the_build_used_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(store_limit.VARIABLE, "1KiB")
    store = filled(tmp_path / "store")
    with store_limit.within_limit(store.place, lambda event: None):
        store.touch("a" * 64)
    assert [item.digest[0] for item in store.kept()] == ["a"]


def test_nothing_goes_while_another_build_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(store_limit.VARIABLE, "1KiB")
    store = filled(tmp_path / "store")
    with store.using(), store_limit.within_limit(store.place, lambda event: None):
        pass
    assert len(store.kept()) == 2


def test_no_size_is_refused_before_the_build(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "web.ks").write_text("lang C.UTF-8\n")
    monkeypatch.setenv(store_limit.VARIABLE, "much")
    ended = typed("build", "web.ks")
    assert (ended.code, ended.err.splitlines()[-1]) == (2, "  try: APPLIANCE_STORE_LIMIT=20GiB")
    with pytest.raises(RequestError, match="'much' is not a size"):
        store_limit.limit(tmp_path)


def test_an_output_that_cannot_be_written_is_said_first(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "web.ks").write_text("lang C.UTF-8\n")
    ended = typed("build", "web.ks", "-o", "/proc/out")
    assert ended.code == 3
    assert "/proc/out cannot be written to" in ended.err


def test_the_list_names_kickstarts(typed: Typed, tmp_path: Path) -> None:
    store = filled(tmp_path / "cache/appliance")
    plan = (Path(__file__).parents[2] / "plans/aos-debian.json").read_text()
    (store.plans / "aos-debian.json").write_text(plan)
    (store.plans / "old.json").write_text("{}")
    ended = typed("cache", "list")
    assert ended.code == 0
    assert "KiB in all; after a build, at most " in ended.out
    shown = recipes(store)
    assert set(map(tuple, shown.values())) == {("aos-debian",)}
