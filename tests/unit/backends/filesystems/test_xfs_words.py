"""What mkfs.xfs is told, and the small formats that are written for it."""

import struct
from pathlib import Path

import pytest

from appliance.backends.filesystems import KNOWN
from appliance.backends.filesystems.model import (
    Partition,
    options_by_key,
    options_checked,
    version_number,
)
from appliance.backends.filesystems.vfat import shape
from appliance.backends.filesystems.xfs import acl_of_xfs, settings
from appliance.errors import RecipeError, Where
from appliance.units import MIB

HERE = Where(Path("a.ks"), 7)
UUID = "11111111-2222-3333-4444-555555555555"


def words(options: str, version: tuple[int, ...], label: str = "") -> str:
    options_checked(options, KNOWN["xfs"].options, HERE)
    place = Partition(MIB, 400 * MIB, UUID, label, options, "/", HERE)
    return " ".join(settings(place, version))


def test_only_words_that_the_program_knows_are_said() -> None:
    old, new = words("", (5, 4)), words("", (7, 2))

    assert "nrext64" not in old
    assert "bigtime" not in old
    assert "concurrency" not in words("", (6, 16))
    for word in ("bigtime=0", "nrext64=0", "exchange=0", "parent=0", "metadir=0", "concurrency=0"):
        assert word in new
    for said in (old, new):
        assert f"uuid={UUID}" in said
        assert "reflink=1" in said


def test_the_authors_words_replace_ours_key_by_key() -> None:
    said = words("-m bigtime=1,rmapbt=1 -i size=1024 -d agcount=2 -f -K", (7, 2), label="root")

    assert "bigtime=1" in said
    assert "bigtime=0" not in said
    assert "reflink=1" in said
    assert "size=1024,sparse=1" in said
    assert "agcount=2" in said
    assert "-d agcount=2" in said
    assert "-l concurrency=0" in said
    assert said.startswith("-K ")
    assert said.endswith("-L root")


def test_the_oldest_format_has_none_of_the_newer_features() -> None:
    said = words("-m crc=0", (5, 4))

    assert "crc=0" in said
    for word in ("finobt", "reflink", "sparse", "rmapbt"):
        assert word not in said


@pytest.mark.parametrize(
    "text",
    ["-p /etc/passwd", "-d name=/dev/sda", "-l logdev=/dev/sda", "-r rtdev=/dev/sda",
     "-c options=x",
     "-d size=1g", "-m uuid=x", "-K -p x", "-K x"],
)  # fmt: skip
def test_what_reads_writes_or_moves_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="is not for an image"):
        options_checked(text, KNOWN["xfs"].options, HERE)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("mkfs.xfs version 6.1.0", (6, 1, 0)),
        ("mkfs.btrfs, part of btrfs-progs v6.6.3", (6, 6, 3)),
        ("mke2fs 1.47.2 (1-Jan-2025)", (1, 47, 2)),
        ("/sbin/mkfs.xfs", ()),
        ("", ()),
    ],
)
def test_versions_are_numbers(said: str, number: tuple[int, ...]) -> None:
    assert version_number(said) == number
    assert version_number("6.9") < version_number("6.17.0")


def test_options_are_taken_apart() -> None:
    keyed, alone = options_by_key("-m crc=1,finobt=0 -K -E stride=4 -F 32")

    assert keyed == {
        ("-m", "crc"): "1",
        ("-m", "finobt"): "0",
        ("-E", "stride"): "4",
        ("-F", "32"): "",
    }
    assert alone == {"-K"}


def test_an_acl_of_xfs_is_big_endian_and_counted() -> None:
    shown = struct.pack("<IHHIHHI", 2, 1, 7, 0xFFFFFFFF, 2, 5, 1234)

    assert acl_of_xfs(shown) == struct.pack(">IIIHHIIHH", 2, 1, 0xFFFFFFFF, 7, 0, 2, 1234, 5, 0)


@pytest.mark.parametrize("size", range(1, 70))
def test_fat_has_as_many_clusters_as_its_kind_allows(size: int) -> None:
    _, bits, _, sectors = shape(size * MIB)
    tables = 2 * (size * MIB // 512 * int(bits) // 8 // int(sectors))
    clusters = (size * MIB - tables - 32 * 512) // 512 // int(sectors)
    least, most = {"12": (0, 4084), "16": (4085, 65524), "32": (65525, 2**28)}[bits]

    assert least <= clusters <= most
