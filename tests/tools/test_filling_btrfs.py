"""btrfs, filled by mkfs.btrfs of the newest Debian, and by the kernel of an image in a machine;
read back by `btrfs check` and `btrfs restore`."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.backends.filesystems.btrfs import Btrfs, compression_of
from appliance.backends.filesystems.model import Partition
from appliance.errors import RecipeError
from appliance.units import MIB
from filling import LONG, NEW, Bench, alone, kernel_root, newest_tools, odd_tree, partition

SIZE = 256 * MIB
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes every kind of file"),
    pytest.mark.skipif(not shutil.which("btrfs", path="/usr/bin:/usr/sbin"), reason="no btrfs"),
]


@pytest.fixture(scope="module")
def tools() -> str:
    root = newest_tools()
    if not root:
        pytest.skip("the newest tools cannot be had here")
    return root


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def ask(*words: str | Path) -> str:
    done = subprocess.run(["btrfs", *words], capture_output=True, text=True, check=True)
    return done.stdout


def restored(part: Path, place: Path) -> Path:
    """Read everything out, without a mount."""
    place.mkdir()
    ask("restore", "-m", "-S", "-x", "-i", part, place)
    return place


def check(part: Path, place: Path) -> None:
    """What odd_tree() made is there, as it was."""
    ask("check", "--check-data-csum", part)
    found = restored(part, place) / "root"
    assert (found / "etc/hostname").read_text() == "hydrogen\n"
    assert (found / "etc/link").readlink() == Path("hostname")
    assert (found / LONG).read_text() == "long\n"
    assert os.getxattr(found / "etc/hostname", "user.note") == b"words \0 here"
    assert os.getxattr(found / "bin/ping", "security.capability")
    status = (found / "bin/ping").stat()
    assert stat.S_IMODE(status.st_mode) & 0o777 == 0o755
    assert (found / "etc/hostname").stat().st_uid == 1000
    dump = ask("inspect-internal", "dump-tree", part)
    assert dump.count("name: hostname") >= 1
    assert " links 2 " in dump or "nlink 2 " in dump
    assert f"mtime {NEW // 10**9}." in dump
    listed = ask("inspect-internal", "dump-tree", "-t", "root", part)
    named = re.findall(r"root ref key dirid \d+ sequence \d+ name (\S+)", listed)
    assert sorted(set(named)) == ["home", "root"]


def tree_with_subvolumes(place: Path) -> Path:
    odd_tree(place / "root")
    os.utime(place / "root/etc/hostname", ns=(NEW, NEW))
    (place / "home/anna").mkdir(parents=True)
    return place


def the_partition(way: str) -> Partition:
    plain = partition(SIZE, way=way)
    return Partition(**{**vars(plain), "subvolumes": ("root", "home"),
                        "mount_options": "noatime,compress=zstd:1"})  # fmt: skip


def test_mkfs_keeps_everything(tools: str, place: Path) -> None:
    tree = tree_with_subvolumes(place / "store/tree")
    bench = Bench(place, tree, tools)
    part = the_partition("mkfs")
    disk = bench.disk(part.start + SIZE + MIB)

    Btrfs().make(bench.work(), part, disk=disk, tree=tree)

    check(alone(disk, part), place / "restored")


def test_a_machine_keeps_everything(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        kernel = kernel_root(tmp_path_factory.mktemp("kernel"))
    except OSError as error:
        pytest.skip(f"no kernel to be had here: {error}")
    tree = tree_with_subvolumes(place / "store/tree")
    bench = Bench(place, kernel)
    part = the_partition("machine")
    disk = bench.disk(part.start + SIZE + MIB)

    Btrfs().make(bench.work(), part, disk=disk, tree=tree)

    check(alone(disk, part), place / "restored")
    assert "--tools auto" in bench.notes


def test_too_small_a_partition_is_refused(place: Path) -> None:
    with pytest.raises(RecipeError, match="btrfs needs 128 MiB"):
        Btrfs().make(Bench(place, place).work(), partition(64 * MIB), disk=place, tree=None)


@pytest.mark.parametrize(
    ("options", "means"),
    [
        ("", ""),
        ("noatime", ""),
        ("compress", "zlib"),
        ("compress=zstd:3,noatime", "zstd:3"),
        ("compress-force=lzo", "lzo"),
        ("compress=no", ""),
    ],
)
def test_compression_is_that_of_the_mount(options: str, means: str) -> None:
    assert compression_of(options) == means


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("mkfs.btrfs, part of btrfs-progs v6.2", "machine"),
        ("btrfs-progs v6.14", "mkfs"),
        ("", "machine"),
    ],
)
def test_the_version_says_the_way(said: str, way: str) -> None:
    assert Btrfs().way({"mkfs.btrfs": said}, subvolumes=True) == way
