"""`appliance cache` on a store with nothing in it, and with package files alone."""

import json
from pathlib import Path

from as_typed import Typed

from appliance.store.results import Store


def test_nothing_is_kept(typed: Typed) -> None:
    ended = typed("cache", "list")
    assert (ended.code, ended.err) == (0, "")
    first, second = ended.out.splitlines()
    assert first == "0 bytes in 0 results, 0 bytes in package files"
    assert second.startswith("0 bytes in all; after a build, at most ")
    assert json.loads(typed("cache", "list", "--json").out) == []
    assert typed("cache", "prune").out == "0 bytes freed\n"


def test_the_store_is_the_one_that_is_named(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "here/packages/x"
    Store(tmp_path / "here").open()
    file.write_bytes(bytes(2048))
    assert "2 KiB in package files" in typed("cache", "list", "--store", "here").out
    assert "2 KiB" not in typed("cache", "list").out


def test_looking_makes_no_store(typed: Typed, tmp_path: Path) -> None:
    for words in (("list",), ("list", "--json"), ("prune",), ("prune", "--all")):
        assert typed("cache", *words, "--store", "here/store").code == 0
    assert list(tmp_path.rglob("*")) == []


def test_package_files_count_and_go_away(typed: Typed, tmp_path: Path) -> None:
    Store(tmp_path / "cache/appliance").open()
    file = tmp_path / "cache/appliance/packages" / ("1" * 64)
    file.write_bytes(bytes(2048))
    assert typed("cache", "list").out.startswith(
        "0 bytes in 0 results, 2 KiB in package files\n2 KiB in all;"
    )
    assert typed("cache", "prune").out == "0 bytes freed\n"
    assert file.exists()
    assert typed("cache", "prune", "--all").out == "2 KiB freed\n"
    assert not file.exists()
