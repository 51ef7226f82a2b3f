"""ext2, ext3 and ext4, filled by mke2fs; read back by e2fsck and debugfs."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from appliance.backends.filesystems import KNOWN
from appliance.backends.filesystems.model import Partition
from appliance.errors import CommandError, RecipeError
from appliance.units import MIB
from filling import LONG, Bench, newest_tools, odd_tree, partition, with_socket

SIZE = 96 * MIB
KINDS = ("ext2", "ext3", "ext4")
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes every kind of file")


def ask(disk: Path, place: Partition, question: str) -> str:
    words = ["debugfs", "-R", question, f"{disk}?offset={place.start}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def filled(bench: Bench, place: Partition, kind: str, tree: Path | None) -> Path:
    disk = bench.disk(place.start + place.size + MIB)
    KNOWN[kind].make(bench.work(), place, disk=disk, tree=tree)
    return disk


@pytest.mark.parametrize("kind", KINDS)
def test_mke2fs_keeps_all_that_files_have(tmp_path: Path, kind: str) -> None:
    tree = with_socket(odd_tree(tmp_path / "store/tree", devices=True))
    where = partition(SIZE, label="data")

    disk = filled(Bench(tmp_path, tree), where, kind, tree)

    check = ["e2fsck", "-fn", f"{disk}?offset={where.start}"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    said = ask(disk, where, "stat /etc/hostname")
    assert re.search(r"User: +1000 +Group: +2000", said)
    assert "Links: 2" in said
    assert "mtime: 0xe41968bf:1d6f3454" in said  # 1955, .123456789: fractions are shifted by two
    attributes = ask(disk, where, "ea_list /etc/hostname")
    assert r'user.note (12) = "words \000 here"' in attributes
    assert "system.posix_acl_access" in attributes
    assert ask(disk, where, "stat /etc/again").partition("Type")[0] == said.partition("Type")[0]
    attributes = ask(disk, where, "ea_list /bin/ping")
    assert "security.capability (20) = 01 00 00 02 00 20" in attributes
    assert 'security.selinux (27) = "system_u:object_r:bin_t:s0' in attributes
    assert "system.posix_acl_default" in ask(disk, where, "ea_list /deep")
    assert "user.large (2048)" in ask(disk, where, "ea_list /large")
    said = ask(disk, where, "stat /disk")
    assert "block special" in said
    assert "08:17" in said
    assert re.search(r"FIFO +Mode: +0640", ask(disk, where, "stat /fifo"))
    assert "socket" in ask(disk, where, "stat /socket")
    assert "Size: 1000" in ask(disk, where, "stat /long-link")
    assert ask(disk, where, f"cat /{LONG}") == "long\n"
    assert int(re.search(r"Blockcount: (\d+)", ask(disk, where, "stat /sparse"))[1]) < 100  # type: ignore[index]
    said = ask(disk, where, "stat /")
    assert "mtime: 0x5fefe2a5:eb79a2c4" in said
    assert re.search(r"Mode: +01775", said)
    assert re.search(r"User: +1000 +Group: +3000", said)
    assert "security.selinux" in ask(disk, where, "ea_list /")
    kept = ask(disk, where, "show_super_stats -h")
    assert "Filesystem volume name:   data" in kept
    assert ("has_journal" in kept) == (kind != "ext2")
    assert ("extent" in kept) == (kind == "ext4")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_tree_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    tree = odd_tree(tmp_path / "store/tree")
    bench = Bench(tmp_path, tree)

    one = hashlib.sha256(filled(bench, partition(SIZE), kind, tree).read_bytes()).hexdigest()
    (tree / "large").read_bytes()  # its atime moves
    two = hashlib.sha256(filled(bench, partition(SIZE), kind, tree).read_bytes()).hexdigest()

    assert one == two


def test_the_newest_mke2fs_writes_the_same_times(tmp_path: Path) -> None:
    """It copies more by itself; nobody sees a difference."""
    root = newest_tools()
    if not root:
        pytest.skip("the newest tools cannot be had here")
    tree = odd_tree(tmp_path / "store/tree")
    where = partition(SIZE)
    told = []

    for tools in ("", root):
        disk = filled(Bench(tmp_path, tree, tools), where, "ext4", tree)
        told.append(
            [
                re.sub(r"Inode: \d+|Inode checksum.*|\(.*|File ACL.*", "", said)
                for name in ("/", "/etc/hostname", "/deep", "/fifo", "/etc/link")
                for said in [ask(disk, where, f"stat {name}")]
            ]
        )

    assert told[0] == told[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_that_does_not_fit_is_told(tmp_path: Path, kind: str) -> None:
    tree = tmp_path / "store/tree"
    tree.mkdir(parents=True)
    (tree / "large").write_bytes(os.urandom(20 * MIB))

    with pytest.raises(RecipeError, match=r"web.ks:3: /srv is too small: its files need") as caught:
        filled(Bench(tmp_path, tree), partition(16 * MIB), kind, tree)

    size = int(caught.value.hint.rpartition("=")[2])
    filled(Bench(tmp_path, tree), partition(size * MIB), kind, tree)


def test_a_label_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="at most 16 bytes") as caught:
        filled(Bench(tmp_path, tmp_path), partition(SIZE, label="seventeen-letters"), "ext4", None)

    assert caught.value.hint == "--label=seventeen-letter"


def test_what_mke2fs_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="mke2fs stopped with status 1"):
        filled(Bench(tmp_path, tmp_path), partition(SIZE, options="-b 3"), "ext3", None)
