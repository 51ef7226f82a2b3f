"""Layers, holes and orders: what the engine does with real trees, on real filesystems."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from appliance.host import trees

MIB = 1024 * 1024


def test_a_layer_is_what_changed_and_nothing_else(tmp_path: Path) -> None:
    root, layer, other = tmp_path / "root", tmp_path / "layer", tmp_path / "other"
    for place in (root / "etc", layer):
        place.mkdir(parents=True)
    (root / "etc/kept").write_text("kept")
    (root / "etc/gone").write_text("gone")
    (root / "etc/turned").mkdir()
    for name in ("kernel", "kernel-a"):  # a name that sorts between a directory and its files
        (root / "etc" / name).mkdir()
        (root / "etc" / name / "file").write_text("old")
    subprocess.run(["cp", "-a", root, other], check=True)
    before = trees.look(root)
    (root / "etc/gone").unlink()
    (root / "etc/turned").rmdir()
    (root / "etc/turned").write_text("a file now")
    (root / "etc/new").symlink_to("/nowhere")
    (root / "etc/kernel/file").write_text("new")
    (root / "etc/kernel-a/file").write_text("new")
    os.utime(root / "etc/kernel", (7, 7))
    os.link(root / "etc/turned", root / "etc/twin")

    changes = trees.compare(before, trees.look(root))
    trees.pack(root, changes, layer, cores=1)
    trees.unpack(other, layer)

    assert set(changes.written) == {".", "etc", "etc/new", "etc/turned", "etc/twin"} | {
        f"etc/{name}" for name in ("kernel", "kernel/file", "kernel-a", "kernel-a/file")
    }
    assert set(changes.removed) == {"etc/gone", "etc/turned"}
    subprocess.run(["diff", "-r", "--no-dereference", root, other], check=True)
    for path, status in trees.walk(root):
        assert (other / path).lstat().st_mtime_ns == status.st_mtime_ns, path
    assert (other / "etc/twin").stat().st_ino == (other / "etc/turned").stat().st_ino


def test_a_file_touched_twice_with_its_old_time_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    status = (tmp_path / "a").stat()
    before = trees.look(tmp_path)
    (tmp_path / "a").write_text("two")
    os.utime(tmp_path / "a", ns=(status.st_atime_ns, status.st_mtime_ns))

    assert trees.compare(before, trees.look(tmp_path)).written == (".", "a")


def test_only_what_is_younger_than_the_clock_is_clamped(tmp_path: Path) -> None:
    for name, when in (("old", 5), ("young", 15)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (when, when))

    trees.clamp(tmp_path, ("old", "young"), 10)

    assert [(tmp_path / name).stat().st_mtime for name in ("old", "young")] == [5, 10]


def test_a_moved_file_keeps_its_bytes_and_its_holes(tmp_path: Path) -> None:
    source, target = Path("/dev/shm") / f"move-{os.getpid()}", tmp_path / "target"
    with source.open("wb") as file:
        file.write(b"first" + b"x" * 9 * MIB)
        file.seek(300 * MIB)
        file.write(b"last")
        file.truncate(400 * MIB)
    wanted = hashlib.sha256(source.read_bytes()).hexdigest()
    assert trees.sha256(source) == wanted

    trees.move(source, target)

    assert not source.exists()
    assert trees.sha256(target) == wanted
    assert target.stat().st_size == 400 * MIB
    assert target.stat().st_blocks * 512 < 20 * MIB


def test_directories_in_memory_can_be_made_to_list_by_name() -> None:
    root = Path("/dev/shm") / f"order-{os.getpid()}"
    (root / "b/z").mkdir(parents=True)
    for name in ("c", "a", "b/y", "b/x"):
        (root / name).touch()
    os.utime(root / "b", (7, 7))
    try:
        assert trees.put_in_order(root)
        assert [entry.name for entry in os.scandir(root)] == ["a", "b", "c"]
        assert [entry.name for entry in os.scandir(root / "b")] == ["x", "y", "z"]
        assert (root / "b").stat().st_mtime == 7
    finally:
        trees.remove(root)


def test_exchange_is_not_stopped_by_who_was_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", lambda path: False)  # when it was looked at
        trees.exchange(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old/new").exists()


def test_exchange_puts_the_new_in_the_place_of_the_old(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new/mark").touch()

    trees.exchange(tmp_path / "new", tmp_path / "old")

    assert (tmp_path / "old/mark").exists()
    assert not (tmp_path / "new/mark").exists()


def test_a_file_is_moved_to_its_place_in_another_and_its_holes_stay_holes(tmp_path: Path) -> None:
    made, disk = tmp_path / "made", tmp_path / "disk"
    with made.open("wb") as file:
        file.truncate(20 * MIB)
        for start, data in ((0, b"first"), (5 * MIB + 3, b"middle"), (20 * MIB - 4, b"last")):
            file.seek(start)
            file.write(data)
    whole = made.read_bytes()
    with disk.open("wb") as file:
        file.write(b"table")
        file.truncate(30 * MIB)

    trees.move_into(made, disk, 4 * MIB)

    assert not made.exists()
    assert disk.read_bytes() == b"table".ljust(4 * MIB, b"\0") + whole + bytes(6 * MIB)
    assert disk.stat().st_blocks * 512 <= 4 * MIB
