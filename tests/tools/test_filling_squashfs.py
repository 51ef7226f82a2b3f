"""squashfs, made by mksquashfs; read back by unsquashfs and blkid."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.backends.filesystems.model import options_checked
from appliance.backends.filesystems.squashfs import Squashfs
from appliance.errors import RecipeError, Where
from appliance.units import MIB
from filling import CLOCK, NEW, Bench, alone, differing, odd_tree, partition, with_socket

SIZE = 32 * MIB
HERE = shutil.which("unsquashfs")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes every kind of file"),
    pytest.mark.skipif(not HERE, reason="no squashfs-tools"),
]


def ask(*words: str | Path) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def without_acls(tree: Path) -> Path:
    os.removexattr(tree / "etc/hostname", "system.posix_acl_access")
    os.removexattr(tree / "deep", "system.posix_acl_default")
    return tree


def small_tree(place: Path) -> Path:
    """Enough for what has nothing to do with kinds of files."""
    (place / "etc").mkdir(parents=True)
    (place / "etc/hostname").write_text("hydrogen\n")
    (place / "etc/text").write_text("the same again\n" * 100_000)
    (place / "etc/noise").write_bytes(os.urandom(3 * MIB))
    return place


def made(bench: Bench, tree: Path | None, options: str = "", *, cores: int = 1) -> Path:
    """The partition with the filesystem in it, as a file of its own."""
    where = partition(SIZE, options=options)
    disk = bench.disk(where.start + where.size + MIB)
    Squashfs().make(replace(bench.work(), cores=cores), where, disk=disk, tree=tree)
    return alone(disk, where)


def test_mksquashfs_keeps_all_that_files_have(tmp_path: Path) -> None:
    tree = with_socket(without_acls(odd_tree(tmp_path / "store/tree", devices=True)))

    part = made(Bench(tmp_path, tree), tree)

    ask("unsquashfs", "-no-progress", "-dest", tmp_path / "read", part)
    read = tmp_path / "read"
    assert differing(tree, read) == []
    assert (read / "etc/again").samefile(read / "etc/hostname")
    assert (read / "sparse").stat().st_blocks < 1000, "holes stay holes"
    for name in (".", "bin/ping", "fifo", "deep"):
        assert int((read / name).lstat().st_mtime) == NEW // 10**9, name
    assert int((read / "large").stat().st_mtime) == CLOCK, "nothing is later than the build"
    assert ask("blkid", "-p", "-o", "value", "-s", "TYPE", part) == "squashfs\n"
    assert "Compression zstd" in ask("unsquashfs", "-s", part)


def test_the_same_tree_gives_the_same_bytes_on_any_number_of_cores(tmp_path: Path) -> None:
    tree = without_acls(odd_tree(tmp_path / "store/tree"))
    bench = Bench(tmp_path, tree)

    one, two = (
        hashlib.sha256(made(bench, tree, cores=cores).read_bytes()).hexdigest() for cores in (1, 4)
    )

    assert one == two


def test_the_author_chooses_the_compressor(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    words = "-comp gzip -Xcompression-level 1 -b 65536"
    options_checked(words, Squashfs().options, Where(Path("web.ks"), 3))

    said = ask("unsquashfs", "-s", made(Bench(tmp_path, tree), tree, words))

    assert "Compression gzip" in said
    assert "Block size 65536" in said


def test_the_author_chooses_how_hard_it_is_packed(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    said = ask("unsquashfs", "-s", made(Bench(tmp_path, tree), tree, "-Xcompression-level 19"))
    assert "compression-level 19" in said


def test_nothing_is_a_filesystem_too(tmp_path: Path) -> None:
    part = made(Bench(tmp_path, tmp_path), None)
    assert "Number of inodes 1\n" in ask("unsquashfs", "-s", part)


def test_what_is_larger_than_its_partition_is_refused(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    bench, small = Bench(tmp_path, tree), partition(2 * MIB)

    with pytest.raises(RecipeError, match=r"web.ks:3: /srv is too small: .*2 MiB") as refused:
        Squashfs().make(bench.work(), small, disk=bench.disk(8 * MIB), tree=tree)

    size = int((refused.value.hint or "").rpartition("=")[2]) * MIB
    where = partition(size)
    Squashfs().make(bench.work(), where, disk=bench.disk(size + 2 * MIB), tree=tree)


@pytest.mark.parametrize("name", ["etc/hostname", "deep"])
def test_acls_are_refused_since_it_has_none(tmp_path: Path, name: str) -> None:
    tree = odd_tree(tmp_path / "store/tree")
    other = {"etc/hostname": "deep", "deep": "etc/hostname"}[name]
    for kind in ("access", "default"):
        if f"system.posix_acl_{kind}" in os.listxattr(tree / other):
            os.removexattr(tree / other, f"system.posix_acl_{kind}")
    where = partition(SIZE)

    with pytest.raises(RecipeError, match=r"web.ks:3: /srv is squashfs, which has no ACLs: /"):
        Squashfs().make(Bench(tmp_path, tree).work(), where, disk=tmp_path / "disk", tree=tree)


def test_it_has_no_label(tmp_path: Path) -> None:
    where = partition(SIZE, label="system")
    with pytest.raises(RecipeError, match="--label=system: a label has at most 0 bytes"):
        Squashfs().make(Bench(tmp_path, tmp_path).work(), where, disk=tmp_path, tree=None)


@pytest.mark.parametrize(
    "word", ["-e /etc", "-p x", "-root-mode 0", "-offset 5", "-ef /etc/shadow"]
)
def test_words_that_read_or_change_other_things_are_refused(word: str) -> None:
    with pytest.raises(RecipeError, match="is not for an image"):
        options_checked(word, Squashfs().options, Where(Path("web.ks"), 3))
