"""xfs, filled by mkfs.xfs of the newest Debian, and by the kernel of an image in a machine; read
back by this host's xfs_repair and xfs_db."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.backends.filesystems.model import Partition
from appliance.backends.filesystems.xfs import Xfs, acl_of_xfs
from appliance.errors import CommandError, HostError, RecipeError
from appliance.host import kernel_machine
from appliance.units import MIB
from filling import (
    ACL,
    CLOCK,
    LONG,
    NEW,
    Bench,
    alone,
    newest_tools,
    odd_tree,
    partition,
    with_socket,
)

SIZE = 320 * MIB
pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes every kind of file"),
    pytest.mark.skipif(not shutil.which("xfs_db", path="/usr/sbin"), reason="no xfs_db here"),
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


def ask(part: Path, *questions: str) -> str:
    words = [word for question in questions for word in ("-c", question)]
    done = subprocess.run(
        ["xfs_db", "-r", *words, part], capture_output=True, text=True, check=True
    )
    return done.stdout


def sound(part: Path) -> bool:
    return (
        subprocess.run(["xfs_repair", "-nf", part], capture_output=True, check=False).returncode
        == 0
    )


def field(text: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)} = (.*)$", text, re.MULTILINE)
    assert found, text
    return found[1]


def holds_everything(part: Path) -> None:
    """Everything of the odd tree but its device nodes and sockets."""
    assert sound(part)
    said = ask(part, "path /etc/hostname", "p")
    assert field(said, "core.mtime.sec") == "Thu Mar  3 05:06:07 1955"
    assert field(said, "core.mtime.nsec") == "123456789"
    assert (field(said, "core.uid"), field(said, "core.gid")) == ("1000", "2000")
    assert field(said, "core.nlinkv2") == "2"
    assert '.name = "note"' in said
    assert r'.value = "words \000 here"' in said
    assert '.name = "SGI_ACL_FILE"' in said
    assert "posix_acl" not in said
    same = ask(part, "path /etc/again", "p v3.inumber")
    assert field(same, "v3.inumber") == field(said, "v3.inumber")

    said = ask(part, "path /bin/ping", "p")
    assert field(said, "core.mode") == "0104755"
    assert field(said, "core.mtime.nsec") == "987654321"
    assert '.name = "capability"' in said
    assert r'.value = "\001\000\000\002\000 \000' in said
    assert '.value = "system_u:object_r:bin_t:s0\\000"' in said
    assert '.name = "SGI_ACL_DEFAULT"' in ask(part, "path /deep", "p")

    assert field(ask(part, "path /fifo", "p core.mode"), "core.mode") == "010640"
    assert field(ask(part, "path /empty", "p core.mode"), "core.mode") == "041777"
    assert int(field(ask(part, "path /sparse", "p core.nblocks"), "core.nblocks")) < 20
    assert field(ask(part, "path /sparse", "p core.size"), "core.size") == str(64 * MIB)
    assert field(ask(part, "path /long-link", "p core.size"), "core.size") == "1000"
    assert field(ask(part, f"path /{LONG}", "p core.size"), "core.size") == "5"
    assert field(ask(part, "path /deep/a/file-699", "p core.size"), "core.size") == "3"
    root = ask(part, "path /", "p")
    assert field(root, "core.mode") == "041775"
    assert (field(root, "core.uid"), field(root, "core.gid")) == ("1000", "3000")
    assert '.name = "selinux"' in root
    assert field(root, "core.mtime.sec") == "Sat Jan  2 03:04:05 2021"
    assert field(root, "core.mtime.nsec") == str(NEW % 10**9)


def filled(bench: Bench, place: Partition, tree: Path | None) -> Path:
    disk = bench.disk(place.start + place.size + MIB)
    Xfs().make(bench.work(), place, disk=disk, tree=tree)
    return disk


def test_the_newest_mkfs_keeps_all_that_files_have(place: Path, tools: str) -> None:
    tree = with_socket(odd_tree(place / "store/tree"))
    bench = Bench(place, tree, tools)
    where = partition(SIZE, label="data")

    disk = filled(bench, where, tree)

    part = alone(disk, where)
    holds_everything(part)
    assert field(ask(part, "sb 0", "p fname"), "fname").startswith('"data')
    assert field(ask(part, "path /socket", "p core.mode"), "core.mode") == "0140755"
    assert not bench.notes
    assert disk.stat().st_blocks * 512 < 120 * MIB, "holes were filled"
    with disk.open("rb") as file:
        assert not any(file.read(MIB)), "written outside of its place"


def test_the_same_tree_gives_the_same_bytes(place: Path, tools: str) -> None:
    tree = odd_tree(place / "store/tree")
    other = place / "store/other"
    subprocess.run(["cp", "-a", tree, other], check=True)
    bench = Bench(place, tree, tools)

    one = hashlib.sha256(filled(bench, partition(SIZE), tree).read_bytes()).hexdigest()
    (tree / "large").read_bytes()  # its atime moves
    two = hashlib.sha256(filled(bench, partition(SIZE), other).read_bytes()).hexdigest()

    assert one == two


def test_every_time_but_those_of_files_is_the_builds(place: Path, tools: str) -> None:
    tree = odd_tree(place / "store/tree")
    where = partition(SIZE)

    part = alone(filled(Bench(place, tree, tools), where, tree), where)

    for path in ("/", "/etc/hostname", "/bin/ping", "/deep/a"):
        said = ask(part, f"path {path}", "p")
        for name in ("atime", "ctime"):
            assert field(said, f"core.{name}.sec") == "Tue Nov 14 22:13:20 2023", (path, name)
            assert field(said, f"core.{name}.nsec") == "0"
    assert CLOCK == 1_700_000_000


def test_authors_options_replace_ours(place: Path, tools: str) -> None:
    where = partition(SIZE, options="-m bigtime=1 -i size=1024 -d agcount=2 -l size=64m -K")

    part = alone(filled(Bench(place, place, tools), where, None), where)

    said = ask(part, "sb 0", "p")
    assert field(said, "agcount") == "2"
    assert field(said, "inodesize") == "1024"
    assert int(field(said, "features_incompat"), 16) & 0x8, "no bigtime"
    assert sound(part)


def test_without_options_an_older_grub_can_read_it(place: Path, tools: str) -> None:
    """Filetype and sparse inodes, finobt and reflink, and nothing since (xfs_format.h)."""
    where = partition(SIZE)

    part = alone(filled(Bench(place, place, tools), where, None), where)

    said = ask(part, "sb 0", "p")
    assert int(field(said, "features_incompat"), 16) == 0b11
    assert int(field(said, "features_ro_compat"), 16) == 0b101


def test_a_tree_that_does_not_fit_is_told_with_a_size_that_does(place: Path, tools: str) -> None:
    tree = place / "store/tree"
    tree.mkdir(parents=True)
    (tree / "large").write_bytes(os.urandom(280 * MIB))

    with pytest.raises(RecipeError, match=r"/srv is too small: its files need about") as caught:
        filled(Bench(place, tree, tools), partition(300 * MIB), tree)

    size = int(caught.value.hint.rpartition("=")[2])
    filled(Bench(place, tree, tools), partition(size * MIB), tree)


def test_less_than_300_mib_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"web.ks:3: /srv: xfs needs 300 MiB"):
        Xfs().make(
            None,  # type: ignore[arg-type]
            partition(299 * MIB), disk=Path(), tree=None,
        )  # fmt: skip


def test_a_label_that_is_too_long_is_refused() -> None:
    with pytest.raises(RecipeError, match="at most 12 bytes"):
        Xfs().make(None, partition(SIZE, label="thirteen-char"), disk=Path(), tree=None)  # type: ignore[arg-type]


def test_a_machine_keeps_all_that_files_have(place: Path, kernel: Path) -> None:
    """With this host's mkfs.xfs, however old."""
    tree = with_socket(odd_tree(place / "store/tree", devices=True))
    bench = Bench(place, kernel)
    where = partition(SIZE, way="machine", label="data")

    part = alone(filled(bench, where, tree), where)

    holds_everything(part)
    said = ask(part, "path /disk", "p core.mode u3.dev")
    assert field(said, "core.mode") == "060660"
    assert int(field(said, "u3.dev"), 16) == (8 << 18 | 17)
    assert "--tools auto" in bench.notes
    access = ask(part, "path /etc/hostname", "p")
    kept = acl_of_xfs(ACL)
    shown = "".join(chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in kept)
    assert shown in access, "the kernel writes ACLs in another way than we do"
    assert not list(bench.work().scratch.iterdir())


def test_a_tree_with_device_nodes_goes_through_a_machine(
    place: Path, tools: str, kernel: Path
) -> None:
    tree = odd_tree(place / "store/tree", devices=True)
    bench = Bench(place, kernel, tools)
    where = partition(SIZE)

    try:
        part = alone(filled(bench, where, tree), where)
    except HostError as error:
        assert "kmod" in error.hint
        pytest.skip("these tools have no insmod")

    assert "cannot copy the device node /disk" in bench.notes
    assert sound(part)


def test_a_tree_that_does_not_fit_is_told_by_a_machine_too(place: Path, kernel: Path) -> None:
    tree = place / "store/tree"
    tree.mkdir(parents=True)
    (tree / "large").write_bytes(os.urandom(280 * MIB))

    with pytest.raises(RecipeError, match=r"/srv is too small: its files need about"):
        filled(Bench(place, kernel), partition(300 * MIB, way="machine"), tree)


def test_without_a_kernel_the_newest_tools_are_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = place / "store/tree"
    tree.mkdir(parents=True)
    monkeypatch.setattr(kernel_machine.kernels, "kernels", lambda *places: [])

    with pytest.raises(RecipeError, match="no kernel of the image has") as caught:
        filled(Bench(place, tree), partition(SIZE, way="machine"), tree)

    assert "--tools auto" in caught.value.hint


def test_what_mkfs_refuses_is_said_in_its_words(place: Path, tools: str) -> None:
    with pytest.raises(CommandError, match=r"mkfs.xfs stopped with status 1; its last words"):
        filled(Bench(place, place, tools), partition(SIZE, options="-b size=3"), None)


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("mkfs.xfs version 6.1.0", "machine"),
        ("mkfs.xfs version 6.16.0", "machine"),
        ("mkfs.xfs version 6.17.0", "mkfs"),
        ("mkfs.xfs version 7.2.0", "mkfs"),
        ("mkfs.xfs of somebody else", "machine"),
    ],
)
def test_the_version_says_the_way(said: str, way: str) -> None:
    assert Xfs().way({"mkfs.xfs": said}, subvolumes=False) == way
