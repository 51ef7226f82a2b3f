"""What steps do with the image's files where no mount is needed for it."""

import errno
import os
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from appliance.engine import shown_tree
from appliance.engine.shown_tree import AT_FIRST_BOOT, FOREVER, ShownTree
from appliance.engine.tree import Tree
from appliance.errors import CommandError
from appliance.store.results import Store

CLOCK = 1_700_000_000


@dataclass
class World:
    place: Path
    notes: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.place / "root"

    @property
    def scratch(self) -> Path:
        return self.place / "scratch"

    @property
    def tree(self) -> ShownTree:
        layers = Tree(self.root, Store(self.place / "store"), 1)
        return ShownTree(layers, self.scratch, CLOCK, self.copied, self.notes.append)

    def copied(self, words: Sequence[str | Path]) -> str:
        """`cp -a FROM TO` of a small tree, without a process."""
        assert words[:2] == ["cp", "-a"]
        shutil.copytree(words[2], words[3], symlinks=True)
        return ""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.root.mkdir()
    made.scratch.mkdir()
    return made


def test_a_file_is_written_with_its_directories_and_mode(world: World) -> None:
    world.tree.write("/etc/a/b", "text", mode=0o600)

    file = world.root / "etc/a/b"
    assert file.read_text() == "text"
    assert file.stat().st_mode & 0o7777 == 0o600


def test_links_are_followed_inside_the_root_only(world: World, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (world.root / "etc").mkdir()
    (world.root / "etc/absolute").symlink_to(tmp_path / "outside")
    (world.root / "etc/upwards").symlink_to("../../../outside")

    world.tree.write("/etc/absolute", "theirs")
    world.tree.write("/etc/upwards", "theirs")

    assert (tmp_path / "outside").read_text() == "mine"
    assert (world.root / "outside").read_text() == "theirs"


@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_nobody_is_stuck_in_a_fifo(
    kind: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.root)  # names of sockets are short
    if kind == "fifo":
        os.mkfifo("x")
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("x")

    world.tree.write("/x", "text")

    assert (world.root / "x").read_text() == "text"


@pytest.mark.parametrize("path", ["/etc", "/etc/file/below"])
def test_what_is_in_the_way_is_told(path: str, world: World) -> None:
    (world.root / "etc").mkdir()
    (world.root / "etc/file").touch()

    with pytest.raises(CommandError, match=f"{path} of the image cannot be written"):
        world.tree.write(path, "text")


def test_labels_that_a_host_refuses_are_written_at_the_first_boot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Tree, table: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(Tree, "label", refuse)

    world.tree.label(Path("labels"))

    assert (world.root / AT_FIRST_BOOT[1:]).read_text() == FOREVER
    assert "not supported" in world.notes[0]


@pytest.mark.parametrize(
    ("paths", "outer"),
    [
        (["/boot", "/boot/efi"], ["/boot"]),
        (["/boot/efi", "/boot"], ["/boot"]),
        (["/boot", "/boot2"], ["/boot", "/boot2"]),
        (["/", "/boot"], ["/"]),
        (["/var/log", "/home"], ["/var/log", "/home"]),
        ([], []),
    ],
)
def test_what_is_hidden_hides_what_is_below_it(paths: list[str], outer: list[str]) -> None:
    assert shown_tree._outermost(paths) == outer


def test_a_directory_that_is_lent_leaves_no_trace(tmp_path: Path) -> None:
    os.utime(tmp_path, (5, 7))

    with pytest.raises(KeyError), shown_tree._lent(tmp_path / "x"):
        assert (tmp_path / "x").is_dir()
        assert tmp_path.stat().st_mtime == 7
        raise KeyError

    assert not (tmp_path / "x").exists()
    assert tmp_path.stat().st_mtime == 7


def test_an_empty_directory_looks_like_the_one_that_it_hides(tmp_path: Path) -> None:
    place, empty = tmp_path / "place", tmp_path / "empty"
    place.mkdir()
    (place / "file").touch()
    place.chmod(0o1750)
    os.utime(place, (5, 7))

    shown_tree._empty_like(place, empty)

    one, two = place.stat(), empty.stat()
    assert (one.st_mode, one.st_uid, one.st_mtime_ns) == (two.st_mode, two.st_uid, two.st_mtime_ns)
    assert list(empty.iterdir()) == []


def test_kernels_are_kept_only_where_boot_is_hidden(world: World) -> None:
    (world.root / "boot").mkdir()
    for name in ("vmlinuz-6.12", "vmlinux-6.1", "initrd.img-6.12", "vmlinuz"):
        (world.root / "boot" / name).write_text(name)
    kept = world.scratch / shown_tree.KERNELS

    world.tree._keep_kernels(["/home"])
    assert not kept.exists()
    world.tree._keep_kernels(["/home", "/boot"])

    assert {path.name for path in kept.iterdir()} == {"vmlinuz-6.12", "vmlinux-6.1"}
    assert (kept / "vmlinux-6.1").read_text() == "vmlinux-6.1"


def test_extra_files_go_into_a_copy_and_no_link_leads_them_out_of_it(
    world: World, tmp_path: Path
) -> None:
    esp, outside, source = world.root / "efi", tmp_path / "outside", tmp_path / "loader"
    esp.mkdir()
    outside.mkdir()
    source.write_text("loader")
    (esp / "EFI").symlink_to(outside)
    (esp / "kept").write_text("kept")

    copy = world.tree._with_extra(esp, {"EFI/BOOT/BOOTX64.EFI": source, "kept": source})

    assert (copy / "EFI/BOOT/BOOTX64.EFI").read_text() == "loader"
    assert (copy / "kept").read_text() == "loader"
    assert (esp / "kept").read_text() == "kept"
    assert (esp / "EFI").is_symlink()
    assert list(outside.iterdir()) == []
    assert (copy / "EFI/BOOT").stat().st_mtime <= CLOCK
    assert world.tree._fresh("with-extra") != copy
