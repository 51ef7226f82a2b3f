"""Which bytes of two files differ, told in whole sectors."""

from pathlib import Path

import pytest

from appliance.difference import spans
from appliance.difference.spans import Pair, Span, show
from appliance.units import MIB


def pair(tmp_path: Path, left: bytes, right: bytes) -> Pair:
    for name, content in (("left", left), ("right", right)):
        (tmp_path / name).write_bytes(content)
    return Pair(tmp_path / "left", tmp_path / "right")


def changed(content: bytes, *places: int) -> bytes:
    made = bytearray(content)
    for place in places:
        made[place] ^= 0xFF
    return bytes(made)


PLAIN = bytes(range(256)) * 8  # four sectors


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ((), []),
        ((0,), [Span(0, 512)]),
        ((511, 512), [Span(0, 1024)]),
        ((0, 1536), [Span(0, 512), Span(1536, 2048)]),
        ((600, 700), [Span(512, 1024)]),
        ((0, 512, 1024, 1536), [Span(0, 2048)]),
    ],
)
def test_spans_are_whole_sectors_that_are_joined(
    places: tuple[int, ...], found: list[Span], tmp_path: Path
) -> None:
    assert pair(tmp_path, PLAIN, changed(PLAIN, *places)).spans() == found


def test_the_last_sector_may_be_short_and_what_only_one_has_is_no_span(tmp_path: Path) -> None:
    two = pair(tmp_path, PLAIN[:700], changed(PLAIN, 650, 800)[:900])

    assert two.spans() == [Span(512, 700)]
    assert two.sizes() == (700, 900)


def test_spans_go_on_over_the_edge_of_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "CHUNK", 1024)

    assert pair(tmp_path, PLAIN, changed(PLAIN, 1023, 1024)).spans() == [Span(512, 1536)]


def test_data_on_one_side_of_a_hole_is_found(tmp_path: Path) -> None:
    two = pair(tmp_path, b"", b"")
    for path in two.paths:
        with path.open("r+b") as file:
            file.truncate(8 * MIB)
    assert two.spans() == []
    with two.paths[1].open("r+b") as file:
        file.seek(5 * MIB + 3)
        file.write(b"x")

    assert two.spans() == [Span(5 * MIB, 5 * MIB + 512)]


def test_an_excerpt_begins_where_they_differ(tmp_path: Path) -> None:
    two = pair(tmp_path, b"a" * 512 + b"same, here\n", b"a" * 512 + b"same, nowhere\n")

    assert two.excerpt(Span(512, 522)) == ("'here' at byte 518", "'nowh'")


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        (b"text\n\0\0", r"'text\n'"),
        (b"\x00\x01\x02\x03\x04", "00 01020304"),
        (b"\0\0", "0000"),
        (b"\xff", "ff"),
        (b"a b~", "'a b~'"),
        (b"\x7f", "7f"),
        (b"a\x1f", "611f"),
        (b"", ""),
    ],
)
def test_bytes_for_people(piece: bytes, said: str) -> None:
    assert show(piece) == said


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (Span(0, 100), Span(10, 20)),
        (Span(15, 100), Span(15, 20)),
        (Span(0, 11), Span(10, 11)),
        (Span(20, 30), None),
        (Span(0, 10), None),
    ],
)
def test_clipped(other: Span, left: Span | None) -> None:
    assert Span(10, 20).clipped(other) == left


@pytest.mark.parametrize(
    ("span", "size", "origin", "numbers"),
    [
        (Span(0, 512), 512, 0, [0]),
        (Span(511, 513), 512, 0, [0, 1]),
        (Span(1024, 1536), 512, 512, [1]),
        (Span(512, 1024), 4096, 0, [0]),
    ],
)
def test_units_that_are_touched(span: Span, size: int, origin: int, numbers: list[int]) -> None:
    assert list(span.units(size, origin)) == numbers
