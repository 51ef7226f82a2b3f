"""Capabilities, as the attribute has them and as words say them."""

import struct

import pytest

from appliance.inspection.capabilities import NONE, Capabilities, of_attribute, of_text

RAW = 1 << 13


def test_the_attribute_is_told_as_getcap_does() -> None:
    second = struct.pack("<IIIII", 0x02000001, RAW | 1 << 12, 0, 0, 0)
    assert of_attribute(second).text() == "cap_net_admin,cap_net_raw=ep"
    third = struct.pack("<IIIIII", 0x03000000, RAW, 0, 1 << 7, 0, 1000)
    assert of_attribute(third).text() == "cap_net_raw,cap_bpf=p [rootid=1000]"
    first = struct.pack("<III", 0x01000000, 0, RAW)
    assert of_attribute(first) == Capabilities(inheritable=RAW)


@pytest.mark.parametrize("value", [b"", b"\1", bytes(11), bytes(20)])
def test_what_is_no_capability_is_none(value: bytes) -> None:
    assert of_attribute(value) == NONE
    assert of_attribute(value).text() == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cap_net_raw=ep", Capabilities(permitted=RAW, effective=RAW)),
        ("= cap_net_raw+ep", Capabilities(permitted=RAW, effective=RAW)),
        ("cap_net_raw+eip cap_net_raw-i", Capabilities(permitted=RAW, effective=RAW)),
        ("cap_chown,CAP_NET_RAW=p", Capabilities(permitted=RAW | 1)),
        ("cap_unheard_of=p", NONE),
        ("rubbish", NONE),
        ("", NONE),
    ],
)
def test_words_say_the_same(text: str, expected: Capabilities) -> None:
    assert of_text(text) == expected
    assert of_text(expected.text()) == expected
