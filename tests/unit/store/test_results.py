"""The store: what is finished stays, what a killed build left goes, whoever waits is told."""

import errno
import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from appliance.errors import CommandError, HostError
from appliance.store.prune import prune
from appliance.store.results import (
    RECORD,
    Store,
    below,
    full_disk_explained,
    full_disk_told,
    write_whole,
)

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    return made


def keep(store: Store, digest: str, gives: str = "layer:a", text: str = "x") -> None:
    with store.lock(digest), store.draft(digest, gives) as place:
        (place / "data").write_text(text)


@contextmanager
def held(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """As another process would hold it: flock(2) is of the open file, not of the process."""
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield


def test_its_directories_are_its_owners(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep/er/store")
    store.open()
    store.open()

    assert store.place.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in store.place.iterdir()} == {
        *("results", "drafts", "packages", "plans", "locks")
    }


def test_an_unusable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for place in (tmp_path / "file", tmp_path / "file/store"):
        with pytest.raises(HostError, match="the store .* cannot be used: ") as caught:
            Store(place).open()
        assert "--store" in caught.value.hint


def test_a_draft_becomes_a_result(store: Store) -> None:
    with store.lock(ONE), store.draft(ONE, "layer:a") as place:
        (place / "data").write_text("x")
        assert not store.has(ONE)
        assert place.parent == store.drafts

    assert store.has(ONE)
    assert store.finished([ONE, TWO]) == {ONE}
    assert store.data(ONE).read_text() == "x"
    assert json.loads((store.path(ONE) / RECORD).read_text())["gives"] == "layer:a"
    assert list(store.drafts.iterdir()) == []


def test_a_failure_leaves_nothing(store: Store) -> None:
    with pytest.raises(CommandError), store.draft(ONE, "layer:a") as place:
        (place / "data").write_text("x")
        raise CommandError("no")

    assert not store.has(ONE)
    assert list(store.drafts.iterdir()) == list(store.results.iterdir()) == []


def test_a_draft_begins_empty_and_takes_the_place_of_what_was_half_there(store: Store) -> None:
    (store.drafts / ONE).mkdir()
    (store.drafts / ONE / "old").touch()
    (store.results / ONE).mkdir()  # without its record: removed by hand
    assert not store.has(ONE)

    with store.draft(ONE, "layer:a") as place:
        assert list(place.iterdir()) == []

    assert store.has(ONE)


def test_a_result_made_again_replaces_the_old_one(store: Store) -> None:
    keep(store, ONE, text="old")
    keep(store, ONE, text="new")

    assert store.data(ONE).read_text() == "new"


def test_what_killed_builds_left_goes_and_what_others_work_on_stays(store: Store) -> None:
    for name in (ONE, TWO, "bench.1.2", "bench.3.4"):
        (store.drafts / name).mkdir()
        (store.drafts / name / "file").touch()
        (store.locks / name).touch()

    with held(store.locks / TWO), held(store.locks / "bench.3.4"):
        store.sweep()

    assert {path.name for path in store.drafts.iterdir()} == {TWO, "bench.3.4"}
    assert {path.name for path in store.locks.iterdir()} == {ONE, TWO, "bench.3.4"}


def test_a_workbench_is_ours_until_it_is_gone(store: Store) -> None:
    with store.workbench() as bench, store.workbench() as other:
        assert bench != other
        store.sweep()
        assert bench.is_dir()
        assert other.is_dir()

    assert list(store.drafts.iterdir()) == list(store.locks.iterdir()) == []


def test_builds_share_the_store_and_whoever_prunes_has_it_alone(store: Store) -> None:
    refused = pytest.raises(HostError, match="a build is using the store")
    with store.using(), store.using(), refused, store.using(alone=True):
        pytest.fail("it was had alone while others build")
    with (
        store.using(alone=True),
        (store.locks / "store").open() as file,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_two_that_make_the_same_wait_for_each_other(store: Store) -> None:
    order: list[str] = []

    def second() -> None:
        with store.lock(ONE):
            order.append("second")

    thread = threading.Thread(target=second)
    with store.lock(ONE), store.lock(TWO):
        thread.start()
        thread.join(0.02)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_what_is_kept_the_longest_unused_first(store: Store) -> None:
    keep(store, ONE, "layer:a", "x" * 10_000)
    keep(store, TWO, "disk:sda")
    (store.results / "half").mkdir()
    for digest, used in ((ONE, 200), (TWO, 100)):
        os.utime(store.path(digest) / RECORD, (used, used))

    kept = store.kept()

    assert [(item.digest, item.gives, item.used) for item in kept] == [
        (TWO, "disk:sda", 100.0),
        (ONE, "layer:a", 200.0),
    ]
    assert kept[1].size >= 10_000
    store.touch(TWO)
    assert [item.digest for item in store.kept()] == [ONE, TWO]


def test_the_sum_of_a_result_is_computed_once(store: Store) -> None:
    keep(store, ONE, text="abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    assert store.sha256(ONE) == known
    store.data(ONE).write_text("changed")
    assert store.sha256(ONE) == known
    assert {path.name for path in store.path(ONE).iterdir()} == {"data", "sha256", RECORD}


def test_forgotten_and_removed_results_are_gone(store: Store) -> None:
    keep(store, ONE)
    keep(store, TWO)

    store.forget(ONE)
    store.remove(TWO)

    assert store.kept() == []
    assert [path.name for path in store.locks.iterdir()] == [ONE]  # others may wait for it


def test_a_store_below_a_shared_directory_is_ours_alone(tmp_path: Path) -> None:
    place = below(tmp_path / "tmp")

    assert place.name == f"appliance-{os.geteuid()}"
    assert place.stat().st_mode & 0o777 == 0o700
    assert below(tmp_path / "tmp") == place
    place.chmod(0o770)
    with pytest.raises(HostError, match="not ours alone"):
        below(tmp_path / "tmp")
    place.rmdir()
    place.symlink_to(tmp_path)
    with pytest.raises(HostError, match="not ours alone"):
        below(tmp_path / "tmp")
    place.unlink()
    place.touch()
    with pytest.raises(HostError, match="not ours alone"):
        below(tmp_path / "tmp")
    with pytest.raises(HostError, match="cannot be used"):
        below(place)


def test_somebody_elses_directory_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os.geteuid()
    (tmp_path / f"appliance-{owner + 1}").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(HostError, match="not ours alone"):
        below(tmp_path)


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")
    with file.open() as reader:
        write_whole(file, "new")
        assert reader.read() == "old"  # whoever reads it has all of the old one

    assert file.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_the_hosts_affair(number: int, tmp_path: Path) -> None:
    with (
        pytest.raises(HostError, match="no space left on the disk that holds"),
        full_disk_explained(tmp_path),
    ):
        raise OSError(number, os.strerror(number))


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), full_disk_told(tmp_path):
        raise PermissionError(errno.EACCES, "no")
    with pytest.raises(CommandError, match="mke2fs"), full_disk_told(tmp_path):
        raise CommandError("mke2fs stopped", tail=("bad superblock",))


@pytest.mark.parametrize(
    "line",
    [
        "tar: a: Cannot write: No space left on device",
        "cp: Disk quota exceeded",
        "mcopy: disk full",
    ],
)
def test_tools_tell_of_a_full_disk_in_their_own_words(line: str, tmp_path: Path) -> None:
    with pytest.raises(HostError, match="no space left"), full_disk_told(tmp_path):
        raise CommandError("it stopped", tail=("first", line, "last"))


@pytest.mark.parametrize("record", ["", "garbage", "[]", "{}", "\udcff"])
def test_a_record_that_tells_nothing_can_be_listed_and_pruned(store: Store, record: str) -> None:
    place = store.path(ONE)
    place.mkdir()
    (place / RECORD).write_bytes(os.fsencode(record))
    assert [item.gives for item in store.kept()] == ["unreadable"]
    prune(store, keep=0)
    assert store.kept() == []
    place.mkdir()
    (place / RECORD).write_bytes(os.fsencode(record))
    assert (store.has(ONE), store.damaged([ONE])) == (False, {ONE})
    with store.lock(ONE), store.draft(ONE, "x") as draft:
        (draft / "data").write_text("made again")
    assert (store.has(ONE), store.damaged([ONE])) == (True, set())
    assert store.data(ONE).read_text() == "made again"
