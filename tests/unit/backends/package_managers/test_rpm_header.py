"""Headers of rpm, wherever they are kept: what they say, and what damaged ones are called."""

import struct

import pytest

from appliance.backends.package_managers.rpm_header import (
    MOST_VALUES,
    NAME,
    BadHeaderError,
    parse_header,
)

NUMBER, STRING = 4, 6


def one(kind: int, offset: int, count: int, data: bytes) -> bytes:
    """A header with one entry, NAME, as it is in rpm's database."""
    return struct.pack(">IIIIiI", 1, len(data), NAME, kind, offset, count) + data


@pytest.mark.parametrize("data", [b"", bytes(7), b"\xff" * 16, struct.pack(">II", 1, 0)])
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(BadHeaderError):
        parse_header(data)


def test_its_values_are_read_and_others_are_empty() -> None:
    assert parse_header(one(STRING, 1, 1, b"\0shop\0")).text(NAME) == "shop"
    numbers = parse_header(one(NUMBER, 0, 2, struct.pack(">II", 3, 4)))
    assert numbers.numbers(NAME) == (3, 4)
    assert (numbers.text(NAME), numbers.text(1), numbers.number(1)) == ("", "", 0)


@pytest.mark.parametrize(
    ("kind", "offset", "count"),
    [(STRING, 0, 1), (STRING, 99, 1), (STRING, -1, 1), (NUMBER, 0, 9), (NUMBER, -4, 1),
     (NUMBER, 0, MOST_VALUES + 1), (STRING, 0, MOST_VALUES + 1)],
)  # fmt: skip
def test_values_outside_it_are_an_error_when_they_are_asked_for(
    kind: int, offset: int, count: int
) -> None:
    damaged = parse_header(one(kind, offset, count, b"abcd"))
    assert damaged.text(1) == ""
    with pytest.raises(BadHeaderError):
        damaged.text(NAME), damaged.numbers(NAME)


def test_a_name_that_is_no_utf_8_stays_itself_or_becomes_what_can_be_written() -> None:
    blob = one(STRING, 0, 1, b"\xff\0")
    assert parse_header(blob).text(NAME).encode(errors="surrogateescape") == b"\xff"
    assert parse_header(blob, "replace").text(NAME) == "\ufffd"
