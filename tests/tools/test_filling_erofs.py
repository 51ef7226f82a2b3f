"""EROFS, made by mkfs.erofs; read back by fsck.erofs, dump.erofs and blkid."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from appliance.backends.filesystems.erofs import TAKES_LABEL, Erofs
from appliance.backends.filesystems.model import options_checked, version_number
from appliance.errors import RecipeError, Where
from appliance.units import MIB
from filling import (
    CAPABILITY,
    LABEL,
    LONG,
    NEW,
    UUID,
    Bench,
    alone,
    attributes,
    differing,
    newest_tools,
    odd_tree,
    partition,
    with_socket,
)

SIZE = 32 * MIB
HERE = shutil.which("fsck.erofs")
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes every kind of file"),
    pytest.mark.skipif(not HERE, reason="no erofs-utils"),
]


def ask(*words: str | Path) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def tree_for_erofs(place: Path, *, devices: bool = False) -> Path:
    """mkfs.erofs 1.5 cannot name what has the longest name that there may be, and says so."""
    tree = odd_tree(place, devices=devices)
    (tree / LONG).rename(tree / LONG[:-1])
    os.utime(tree, ns=(NEW, NEW))
    return tree


def small_tree(place: Path) -> Path:
    """Enough for what has nothing to do with kinds of files."""
    (place / "etc").mkdir(parents=True)
    (place / "etc/hostname").write_text("hydrogen\n")
    (place / "etc/text").write_text("the same again\n" * 100_000)
    (place / "etc/noise").write_bytes(os.urandom(3 * MIB))
    return place


def made(bench: Bench, tree: Path | None, options: str = "", label: str = "") -> Path:
    """The partition with the filesystem in it, as a file of its own."""
    where = partition(SIZE, options=options, label=label)
    disk = bench.disk(where.start + where.size + MIB)
    Erofs().make(bench.work(), where, disk=disk, tree=tree)
    return alone(disk, where)


def told(part: Path, path: str) -> str:
    return ask("dump.erofs", f"--path={path}", part)


def test_mkfs_keeps_all_that_files_have_and_does_so_twice(tmp_path: Path) -> None:
    tree = with_socket(tree_for_erofs(tmp_path / "store/tree", devices=True))

    bench = Bench(tmp_path, tree)
    first = hashlib.sha256(made(bench, tree).read_bytes()).hexdigest()
    part = made(bench, tree)

    assert hashlib.sha256(part.read_bytes()).hexdigest() == first, "twice the same bytes"
    ask("fsck.erofs", part)
    read = tmp_path / "read"
    ask("fsck.erofs", f"--extract={read}", part)
    # the reader gives files away after it set their modes: a kernel then takes the set-uid bit off
    assert differing(tree, read, attributed=False) == ["bin/ping"]
    assert (read / "bin/ping").read_bytes() == (tree / "bin/ping").read_bytes()
    assert mode(part, "/bin/ping") == 0o104755
    assert mode(part, "/empty") == 0o041777
    one, two = (re.search(r"NID: (\d+) +Links: 2", told(part, f"/etc/{name}"))
                for name in ("hostname", "again"))  # fmt: skip
    assert one
    assert two
    assert one[1] == two[1], "a hard link is one file"
    assert "2021-01-02 03:04:05.987654321" in in_utc(part, "/bin/ping")
    assert ask("blkid", "-p", "-o", "value", "-s", "TYPE", part) == "erofs\n"
    assert ask("blkid", "-p", "-o", "value", "-s", "UUID", part) == f"{UUID}\n"


def mode(part: Path, path: str) -> int:
    """The whole mode of a file, of which dump.erofs shows nine bits: its inode is at 32 times its
    number, where the inodes start in the first block (erofs_fs.h)."""
    found = re.search(r"NID: (\d+)", told(part, path))
    assert found
    place = int(found[1]) * 32 + 4
    return int.from_bytes(part.read_bytes()[place : place + 2], "little")


def in_utc(part: Path, path: str) -> str:
    done = subprocess.run(
        ["dump.erofs", f"--path={path}", part], capture_output=True, text=True, check=True,
        env={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
    )  # fmt: skip
    return done.stdout


@pytest.mark.slow
def test_it_keeps_extended_attributes_and_acls(tmp_path: Path) -> None:
    """The host's own fsck.erofs may not write them out: the newest does."""
    tools = newest_tools()
    reader = Path(tools) / "usr/bin/fsck.erofs"
    if not tools or not reader.exists():
        pytest.skip("the newest tools cannot be had here")
    tree = tree_for_erofs(tmp_path / "store/tree")
    part = made(Bench(tmp_path, tree), tree)
    read = tmp_path / "read"

    library = Path(tools) / "usr/lib/x86_64-linux-gnu"
    loader = Path(tools) / "lib64/ld-linux-x86-64.so.2"
    ask(loader, "--library-path", library, reader, f"--extract={read}", "--xattrs", part)

    for name in (".", "etc", "etc/hostname", "deep", "large"):
        assert attributes(read / name) == attributes(tree / name), name
    assert len(attributes(tree / "etc/hostname")) >= 2
    # the reader gives the file away after it wrote its capability, which a kernel then takes off
    assert attributes(read / "bin/ping")["security.selinux"] == LABEL
    assert CAPABILITY in part.read_bytes()


def test_the_author_chooses_the_compressor(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    bench, where = Bench(tmp_path, tree), Where(Path("web.ks"), 3)
    options_checked("-z lz4", Erofs().options, where)

    ask("fsck.erofs", made(bench, tree, "-z lz4"))
    ratio = re.search(r"Compression ratio: ([\d.]+)", told(made(bench, tree), "/etc/text"))

    assert ratio
    assert float(ratio[1]) < 20, "it is compressed without being asked"


def test_nothing_is_a_filesystem_too(tmp_path: Path) -> None:
    ask("fsck.erofs", made(Bench(tmp_path, tmp_path), None))


def test_what_is_larger_than_its_partition_is_refused(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    bench, small = Bench(tmp_path, tree), partition(2 * MIB)

    with pytest.raises(RecipeError, match=r"web.ks:3: /srv is too small: .*2 MiB") as refused:
        Erofs().make(bench.work(), small, disk=bench.disk(8 * MIB), tree=tree)

    size = int((refused.value.hint or "").rpartition("=")[2]) * MIB
    Erofs().make(bench.work(), partition(size), disk=bench.disk(size + 2 * MIB), tree=tree)


def test_a_label_is_written_or_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path)
    if version_number(ask("dump.erofs", "-V")) < TAKES_LABEL:
        with pytest.raises(RecipeError, match=r"--label=system: mkfs.erofs before 1.7 writes no"):
            made(bench, None, label="system")
    else:
        part = made(bench, None, label="system")
        assert ask("blkid", "-p", "-o", "value", "-s", "LABEL", part) == "system\n"


@pytest.mark.parametrize("word", ["--blobdev=/dev/sda", "-E blobdev=x", "--exclude-path /etc"])
def test_words_that_read_or_change_other_things_are_refused(word: str) -> None:
    with pytest.raises(RecipeError, match="is not for an image"):
        options_checked(word, Erofs().options, Where(Path("web.ks"), 3))
