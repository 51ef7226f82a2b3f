"""What is told of two disks beside their filesystems: tables, and what is in no partition."""

from pathlib import Path

import pytest

from appliance.difference import disks
from appliance.difference.disks import FEW
from appliance.difference.spans import Difference, Pair, Span
from appliance.intake import luks
from appliance.units import MIB, SECTOR


def pair(tmp_path: Path, *places: int, size: int = MIB) -> Pair:
    """Two files of *size* bytes that differ at *places*."""
    for name in ("left", "right"):
        content = bytearray(size)
        for place in places if name == "right" else ():
            content[place] = 1
        (tmp_path / name).write_bytes(content)
    return Pair(tmp_path / "left", tmp_path / "right")


def test_what_is_encrypted_is_compared_by_sectors(tmp_path: Path) -> None:
    two = pair(tmp_path, 5000)
    for path in two.paths:
        with path.open("r+b") as file:
            file.write(luks.MAGIC)
    found = disks._content(two, "partition 1", Span(0, MIB), two.spans())
    assert [each.what for each in found] == [
        disks.ENCRYPTED, "sectors 9 to 9"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (Span(0, 5), [Span(10, 20)]),
        (Span(0, 15), [Span(15, 20)]),
        (Span(12, 15), [Span(10, 12), Span(15, 20)]),
        (Span(10, 20), []),
        (Span(0, 100), []),
        (Span(15, 100), [Span(10, 15)]),
    ],
)
def test_what_is_left_without_a_partition(other: Span, left: list[Span]) -> None:
    assert list(disks._without(Span(10, 20), other)) == left


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (0, "boot code: bytes 0 to 440"),
        (442, "disk id: bytes 440 to 446"),
        (500, "partition table: bytes 446 to 512"),
        (600, "GPT: bytes 512 to 1024"),
        (34 * SECTOR, f"between: bytes {34 * SECTOR} to {35 * SECTOR}"),
        (MIB - 1, f"backup of the GPT: bytes {MIB - 512} to {MIB}"),
        (MIB - 33 * SECTOR, f"backup of the GPT: bytes {MIB - 33 * 512} to {MIB - 32 * 512}"),
    ],
)
def test_sectors_outside_partitions_are_called_by_what_they_are_for(
    place: int, what: str, tmp_path: Path
) -> None:
    two = pair(tmp_path, place)
    (span,) = two.spans()

    found = list(disks._outside(two, span))

    assert [(each.place, each.what) for each in found] == [("outside partitions", what)]


def test_sectors_of_unknown_content_are_counted_when_there_are_many(tmp_path: Path) -> None:
    spans = [Span(2 * at * SECTOR, (2 * at + 1) * SECTOR) for at in range(1, FEW + 4)]
    two = pair(tmp_path, *(span.start for span in spans))
    inside = Span(SECTOR, MIB)

    some = disks._sectors(two, "p", inside, spans[:FEW])
    many = disks._sectors(two, "p", inside, spans)

    assert len(some) == FEW
    assert some[0].what == "sectors 1 to 1"
    assert many[: len(some)] == some
    assert [each.what for each in many[len(some) :]] == ["3 more runs of sectors"]


def test_tables_are_compared_field_by_field() -> None:
    left = {"label": "gpt", "id": "A", "partitions": [{"start": 1, "size": 2}, {"start": 3}]}
    right = {"label": "gpt", "id": "B", "partitions": [{"start": 1, "size": 4}], "grain": 5}

    assert disks._table_differences(left, right) == [
        Difference("partition table", "id", "A", "B"),
        Difference("partition table", "partition 1, size", "2", "4"),
        Difference("partition table", "partition 2, start", "3", ""),
        Difference("partition table", "grain", "", "5"),
    ]
    assert disks._table_differences(left, left) == []


def test_files_of_two_directories_differ_by_their_first_span(tmp_path: Path) -> None:
    two = pair(tmp_path, 3, 5000)

    (only,) = disks._of_files(*two.paths)

    assert only.what == "bytes 0 to 512"
    two.paths[1].write_bytes(two.paths[0].read_bytes()[:-1])
    assert [each.what for each in disks._of_files(*two.paths)] == ["size in bytes"]


def test_equal_files_are_told_from_others(tmp_path: Path) -> None:
    two = pair(tmp_path)
    assert disks._same_bytes(*two.paths)
    two.paths[1].write_bytes(b"\0" * (MIB + 1))
    assert not disks._same_bytes(*two.paths)
