"""A physical volume of LVM that anybody made: which logical volumes lie on it, and where.

Facts: lvm2's lib/label/label.h and lib/format_text/layout.h; vgcfgbackup(8) for the text. What is
read may come from strangers: every number is checked against the volume's own size.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.layout.lvm import MAGIC
from appliance.units import MIB, SECTOR

HEAD = MIB  # bytes from the start of a physical volume that hold all that is read
LABEL, LABELS = b"LABELONE", 4  # in one of the first so many sectors
LONGEST, DEEPEST, MOST = MIB, 8, 1000  # bytes of text, groups in each other, logical volumes
TOKEN = re.compile(r'#[^\n]*|"(?:\\.|[^"\\])*"|[A-Za-z0-9_.+-]+|[{}\[\]=,]|\s+')
Said = Mapping[str, Any]


@dataclass(frozen=True)
class LogicalPlace:
    """A logical volume that lies on one physical volume in one piece: *start* and *size* are bytes,
    from the beginning of the physical volume."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class ScatteredVolume:
    """A logical volume that lies on one physical volume in several *pieces*, in its own order: of
    each the first byte, from the beginning of the physical volume, and the size in bytes."""

    name: str
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class PhysicalContent:
    """What a physical volume holds of the group *group*: the *places* of logical volumes, those
    that are *scattered* over it, and the names of *others*, which lie elsewhere, too."""

    group: str
    places: tuple[LogicalPlace, ...]
    others: tuple[str, ...] = ()
    scattered: tuple[ScatteredVolume, ...] = ()

    def pieces(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """The pieces of every volume that lies here alone, as those of a ScatteredVolume."""
        whole = {place.name: ((place.start, place.size),) for place in self.places}
        return whole | {volume.name: volume.pieces for volume in self.scattered}


def read(head: bytes, size: int) -> PhysicalContent | None:
    """Read the first HEAD bytes of a partition of *size* bytes; None if it is no physical volume,
    or one that is damaged."""
    try:
        return _read(head, size)
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration, struct.error):
        return None


def _read(head: bytes, size: int) -> PhysicalContent | None:
    sector = next((n for n in range(LABELS) if head[n * SECTOR :].startswith(LABEL)), None)
    if sector is None:
        return None
    label = sector * SECTOR
    header = label + struct.unpack_from("<I", head, label + 20)[0]
    uuid = head[header : header + 32].decode("ascii")
    groups = _parsed(_text(head, _metadata_area(head, header + 40)))
    name, said = next((name, each) for name, each in groups.items() if isinstance(each, Mapping))
    unit = int(said["extent_size"]) * SECTOR
    device, first = next(
        (name, int(each["pe_start"]) * SECTOR)
        for name, each in said["physical_volumes"].items()
        if str(each["id"]).replace("-", "") == uuid
    )
    places, scattered, others = [], [], []
    left = size  # no byte is of two volumes, so that all of them together are no larger than it
    for volume, each in list(said.get("logical_volumes", {}).items())[:MOST]:
        pieces = [(first + at * unit, count * unit) for at, count in _runs(each, device)]
        inside = all(start > 0 and 0 < length <= size - start for start, length in pieces)
        left -= sum(length for _, length in pieces) if inside else 0
        if pieces and inside and left >= 0:
            if len(pieces) == 1:
                places.append(LogicalPlace(volume, *pieces[0]))
            else:
                scattered.append(ScatteredVolume(volume, tuple(pieces)))
        elif "VISIBLE" in each["status"]:
            others.append(volume)
    return PhysicalContent(name, tuple(places), tuple(others), tuple(scattered))


def _metadata_area(head: bytes, lists: int) -> int:
    """Where the first metadata area is: behind the list of data areas, which ends with zeros."""
    while any(struct.unpack_from("<QQ", head, lists)):
        lists += 16
    return int(struct.unpack_from("<Q", head, lists + 16)[0])


def _text(head: bytes, area: int) -> str:
    """The text that the metadata area says is the valid one; it may go round the area's end."""
    magic, _, start, size = struct.unpack_from("<16sIQQ", head, area + 4)
    place, length = struct.unpack_from("<QQ", head, area + 40)
    if magic != MAGIC or start != area or length > LONGEST or not SECTOR <= place < size:
        raise ValueError("no metadata")
    before = head[area + place : area + min(place + length, size)]
    rest = length - len(before)
    return (before + head[area + SECTOR : area + SECTOR + rest]).rstrip(b"\0").decode()


def _runs(volume: Said, device: str) -> list[tuple[int, int]]:
    """Of each piece the first extent on *device*, and how many there are; none for a volume that
    is elsewhere, too."""
    runs: list[tuple[int, int]] = []
    for number in range(1, int(volume["segment_count"]) + 1):
        segment = volume[f"segment{number}"]
        if segment["type"] not in ("striped", "linear") or int(segment["stripe_count"]) != 1:
            return []
        where, first = segment["stripes"]
        count = int(segment["extent_count"])
        if where != device:
            return []
        if runs and sum(runs[-1]) == int(first):
            runs[-1] = (runs[-1][0], runs[-1][1] + count)
        else:
            runs.append((int(first), count))
    return runs


def _parsed(text: str) -> dict[str, Any]:
    tokens = (
        token for token in TOKEN.findall(text) if not token.isspace() and not token.startswith("#")
    )
    return _group(tokens, 0)


def _group(tokens: Iterator[str], depth: int) -> dict[str, Any]:
    """The names and values up to the brace that ends the group."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    found: dict[str, Any] = {}
    for name in tokens:
        if name == "}":
            return found
        sign = next(tokens, "")
        if sign == "{":
            found[name] = _group(tokens, depth + 1)
        elif sign == "=":
            found[name] = _value(next(tokens, ""), tokens)
        else:
            raise ValueError(f"no value of {name}")
    return found


def _value(token: str, tokens: Iterator[str]) -> Any:
    if token == "[":
        listed = []
        for each in tokens:
            if each == "]":
                break
            if each != ",":
                listed.append(each.strip('"'))
        return listed
    return token.strip('"')
