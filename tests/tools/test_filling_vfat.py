"""FAT, filled by mtools; read back by fsck.vfat and mtools."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from appliance.backends.filesystems import KNOWN
from appliance.backends.filesystems.model import Partition, options_checked
from appliance.errors import RecipeError
from appliance.units import MIB
from filling import Bench, alone, partition


def small_tree(place: Path) -> Path:
    (place / "EFI/BOOT").mkdir(parents=True)
    (place / "EFI/BOOT/BOOTX64.EFI").write_bytes(bytes(range(256)) * 64)
    (place / "A long name with blanks, and more.conf").write_text("yes\n")
    for path in (place, *place.rglob("*")):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return place


def filled(bench: Bench, place: Partition, tree: Path | None) -> Path:
    disk = bench.disk(place.start + place.size + MIB)
    KNOWN["vfat"].make(bench.work(), place, disk=disk, tree=tree)
    return disk


def ask(*words: str | Path) -> str:
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("size", "bits"),
    [(2, "12"), (3, "16"), (16, "16"), (30, "16"), (36, "32"), (64, "32"), (600, "32")],
)
def test_every_size_gets_the_fat_that_firmware_expects(
    tmp_path: Path, size: int, bits: str
) -> None:
    tree = small_tree(tmp_path / "store/tree")
    where = partition(size * MIB, label="BOOT")

    part = alone(filled(Bench(tmp_path, tree), where, tree), where)

    assert f" {bits} bit entries" in ask("fsck.vfat", "-n", "-v", part)
    listed = ask("mdir", "-/", "-i", part, "::/")
    assert "BOOTX64" in listed
    assert "A long name with blanks, and more.conf" in listed
    assert "Volume in drive : is BOOT" in listed
    assert "2020-09-13" in listed


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    bench, where = Bench(tmp_path, tree), partition(64 * MIB)

    one = hashlib.sha256(filled(bench, where, tree).read_bytes()).hexdigest()
    two = hashlib.sha256(filled(bench, where, tree).read_bytes()).hexdigest()

    assert one == two


def test_authors_options_replace_ours(tmp_path: Path) -> None:
    where = partition(128 * MIB, options="-F 16 -s 8")
    assert options_checked(where.options, KNOWN["vfat"].options, where.where)

    part = alone(filled(Bench(tmp_path, tmp_path), where, None), where)

    assert "4096 bytes per cluster" in ask("fsck.vfat", "-n", "-v", part)


@pytest.mark.parametrize("name", ["a:b", 'say "x"', "what?"])
def test_names_that_fat_does_not_have_are_refused(tmp_path: Path, name: str) -> None:
    tree = small_tree(tmp_path / "store/tree")
    (tree / name).touch()

    with pytest.raises(RecipeError, match="which has no such names"):
        filled(Bench(tmp_path, tree), partition(64 * MIB), tree)


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    (tree / "Config").touch()
    (tree / "config").touch()

    with pytest.raises(RecipeError, match="do not differ in case only: /[Cc]onfig"):
        filled(Bench(tmp_path, tree), partition(64 * MIB), tree)


def test_links_are_refused(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    (tree / "link").symlink_to("EFI")

    with pytest.raises(RecipeError, match=r"web.ks:3: /srv is FAT, which holds files only"):
        filled(Bench(tmp_path, tree), partition(64 * MIB), tree)


def test_a_tree_that_does_not_fit_is_told(tmp_path: Path) -> None:
    tree = small_tree(tmp_path / "store/tree")
    (tree / "large").write_bytes(os.urandom(40 * MIB))

    with pytest.raises(RecipeError, match="/srv is too small"):
        filled(Bench(tmp_path, tree), partition(36 * MIB), tree)


def test_a_label_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="at most 11 bytes"):
        filled(Bench(tmp_path, tmp_path), partition(64 * MIB, label="TWELVE-CHARS"), None)
