"""Descriptions that no build wrote: what they say becomes file names and scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.bundle.manifest import LONGEST, described, description_text, read
from appliance.errors import RequestError
from launching import shop

SHOP = shop("qcow2")


def changed(*keys: str | int, to: object) -> str:
    """The description of the shop with one value in it changed."""
    says: Any = json.loads(description_text(SHOP))
    place = says
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    return json.dumps(says)


def test_what_a_build_writes_makes_sense() -> None:
    assert described(description_text(SHOP), Path("shop.appliance.json")) == SHOP


@pytest.mark.parametrize(
    ("keys", "to", "says"),
    [
        (("name",), "../../evil", "cannot be the name"),
        (("name",), "a\nb", "cannot be the name"),
        (("name",), "\udcff", "cannot be the name"),
        (("name",), "", "cannot be the name"),
        (("name",), "x" * 300, "more than 200 bytes"),
        (("artifacts", 0, "disk"), "../evil", "cannot be the name"),
        (("artifacts", 0, "path"), "../evil", "not a file of this bundle"),
        (("artifacts", 0, "path"), "-x", "cannot be the name"),
        (("artifacts", 0, "disk"), "sdb", "is there twice"),
        (("artifacts", 0, "size"), -1, "cannot have that size"),
        (("artifacts", 0, "sha256"), "'; reboot", "is no digest"),
        (("plan_digest",), "'+`id`+", "is no digest"),
        (("clock",), 1 << 60, "is no time"),
        (("firmware",), ["coreboot"], "firmware"),
        (("machine", "memory"), 0, "memory"),
        (("machine", "memory"), 1 << 90, "memory"),
        (("machine", "cpus"), True, "expected int"),
        (("machine", "cpus"), 1_000_000, "processors"),
        (("machine", "interfaces"), -1, "cards"),
        (("machine", "memory"), 1 << 47, "64 TiB"),
        (("artifacts", 0, "format"), "a\udcff", "lone surrogate"),
        (("machine", "disk_bus"), "floppy", "is none of"),
        (("machine", "architecture"), "x86 64", "no architecture"),
        (("machine", "os_type"), "a\x1bb", "control character"),
        (("product", "ports", 0, "protocol"), "tcp'; system('id') #", "tcp, udp"),
        (("product", "ports", 0, "number"), 70000, "1 to 65535"),
        (("product", "properties", 0, "key"), "a b", "letters"),
        (("product", "name"), "a\x00b", "control character"),
        (("version",), "1\x1b[2J", "control character"),
        (("version",), "1\x7f", "control character"),
        (("version",), "1\x9b2J", "control character"),
        (("family",), "\ud800", "lone surrogate"),
        (("product", "vendor"), "a\udfffb", "lone surrogate"),
    ],
)
def test_what_cannot_be_is_refused(keys: tuple[str | int, ...], to: object, says: str) -> None:
    with pytest.raises(RequestError, match=says) as caught:
        described(changed(*keys, to=to), Path("shop.appliance.json"))
    assert str(caught.value.where) == "shop.appliance.json:1"


def test_a_description_without_end_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "shop.appliance.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(RequestError, match="longer than"):
        read(tmp_path / "shop.appliance.json")
    assert len(description_text(SHOP)) < LONGEST


@pytest.mark.parametrize(
    "keys", [("schema",), ("clock",), ("artifacts", 0, "path"), ("name",), ("machine", "firmware")]
)
def test_a_message_quotes_little_of_a_long_value(keys: tuple[str | int, ...]) -> None:
    text = changed(*keys, to=["x" * 100] * 10_000 if keys == ("clock",) else "x" * 1_000_000)
    with pytest.raises(RequestError) as caught:
        described(text, Path("shop.appliance.json"))
    assert len(str(caught.value)) < 500
