"""Values survive a trip through JSON, and nothing else does."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.codec import decode, encode
from appliance.errors import Where


@dataclass(frozen=True)
class Example:
    name: str
    size: int
    seconds: float
    where: Where | None
    pairs: tuple[tuple[str, str], ...]
    words: tuple[str, ...] | None
    colour: str = "blue"


VALUE = Example("a", 1, 0.5, Where(Path("a.ks"), 3), (("x", "y"),), None)


def test_there_and_back() -> None:
    assert decode(Example, json.loads(json.dumps(encode(VALUE)))) == VALUE


def test_a_field_from_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="fields differ: \\['weight'\\]"):
        decode(Example, encode(VALUE) | {"weight": 7})


def test_a_missing_field_has_its_default_or_is_refused() -> None:
    plain = encode(VALUE)
    del plain["colour"]
    assert decode(Example, plain) == VALUE
    del plain["size"]
    with pytest.raises(ValueError, match="fields differ: \\['size'\\]"):
        decode(Example, plain)


@pytest.mark.parametrize("wrong", [{"size": "1"}, {"name": 5}, {"pairs": [["x"]]}])
def test_a_value_of_another_kind_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|argument"):
        decode(Example, encode(VALUE) | wrong)
