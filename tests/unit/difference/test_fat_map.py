"""Boot sectors of FAT, and what mtools tell of clusters."""

import struct
from pathlib import Path

import pytest

from appliance.difference import fat
from appliance.difference.fat import FatMap, compare, map_of
from appliance.difference.spans import Pair, Span
from appliance.errors import CommandError
from appliance.intake.trees.limits import DamagedError


def boot_sector(*, entries: int, length: int, cluster: int = 2, root: int = 0) -> bytes:
    """One with 4 reserved sectors and two tables of *length* sectors; FAT32 without *entries*."""
    head = bytearray(512)
    struct.pack_into("<HBHBH", head, 11, 512, cluster, 4, 2, entries)
    if entries:
        struct.pack_into("<H", head, 22, length)
    else:
        struct.pack_into("<I", head, 36, length)
        struct.pack_into("<I", head, 44, root)
    return bytes(head)


FAT16 = boot_sector(entries=512, length=8)


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (FAT16, FatMap(2048, 10240, 10240 + 16384, 1024, 0)),
        (boot_sector(entries=0, length=8, root=2), FatMap(2048, 10240, 10240, 1024, 2)),
    ],
)
def test_where_things_are(head: bytes, known: FatMap) -> None:
    assert map_of(head) == known


@pytest.mark.parametrize(
    ("offset", "part"),
    [
        (0, "boot sector"),
        (511, "boot sector"),
        (512, "reserved sectors"),
        (2048, "file allocation table"),
        (10239, "file allocation table"),
        (10240, "root directory"),
    ],
)
def test_parts(offset: int, part: str) -> None:
    assert map_of(FAT16).part(offset) == part


LISTED = "::/EFI/\n::/EFI/A B.EFI\n::/x\n"
CHAINS = "::/EFI <2>\n::/EFI/A B.EFI <3-4> <9>\n::/x <5>\n"


@pytest.fixture
def mtools(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    asked: list[list[str]] = []

    def run(words: list[str]) -> str:
        asked.append(words)
        return {"mdir": LISTED, "mshowfat": CHAINS}[words[0]]

    monkeypatch.setattr(fat.command, "run", run)
    return asked


def test_the_owner_of_each_cluster(mtools: list[list[str]]) -> None:
    found = fat._owners("disk@@0")

    assert found == {
        2: "file /EFI",
        **dict.fromkeys((3, 4, 9), "file /EFI/A B.EFI"),
        5: "file /x",
    }
    assert mtools[1][3:] == ["::/EFI", "::/EFI/A B.EFI", "::/x"]


def test_a_disk_that_mtools_do_not_read_has_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(words: list[str]) -> str:
        raise CommandError("empty")

    monkeypatch.setattr(fat.command, "run", run)
    assert fat._owners("disk@@0") == {}


def disks(tmp_path: Path, right: bytes) -> Pair:
    for name, head in (("left", FAT16), ("right", right)):
        (tmp_path / name).write_bytes(b"\0" * 1024 + head + b"\0" * 40_000)
    return Pair(tmp_path / "left", tmp_path / "right")


def test_differences_are_counted_by_whom_they_belong_to(
    tmp_path: Path, mtools: list[list[str]]
) -> None:
    inside = Span(1024, 41_000)
    data = 1024 + map_of(FAT16).data
    spans = [Span(1024, 1536), Span(data + 1024, data + 3072), Span(data + 10240, data + 10752)]

    found = compare(disks(tmp_path, FAT16), "partition 1", inside, spans)

    assert [each.what for each in found] == [
        "boot sector: 1 sectors",
        "file /EFI/A B.EFI: 4 sectors",
        "free space: 1 sectors",
    ]
    assert {each.place for each in found} == {"partition 1"}


def test_other_clusters_cannot_be_compared(tmp_path: Path) -> None:
    other = boot_sector(entries=512, length=8, cluster=4)

    (found,) = compare(disks(tmp_path, other), "p", Span(1024, 41_000), [Span(1024, 1536)])

    assert found.what == "layout"


def test_clusters_without_a_size_are_damage() -> None:
    with pytest.raises(DamagedError):
        map_of(bytes(512))
