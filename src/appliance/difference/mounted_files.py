"""What differs between two filesystems that only a kernel reads: file by file, as it shows them."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from appliance.difference import files
from appliance.difference.spans import Difference, Pair, Span
from appliance.intake import mounted
from appliance.intake.mounted import Area, MountedFile

SAME = "layout: the files are the same, and lie in other places"


def compare(pair: Pair, place: str, inside: Span, spans: Sequence[Span]) -> list[Difference]:
    """Name the files that differ between the filesystems at *inside*; raises as mounted.pack()."""
    del spans
    left, right = (
        _files(Area(path, at.start, at.end - at.start), pair.means.tools)
        for path, at in pair.places(inside)
    )
    return differing(place, left, right) or [Difference(place, SAME)]


def differing(
    place: str, left: dict[str, MountedFile], right: dict[str, MountedFile]
) -> list[Difference]:
    """Name files that only one side has, and what differs in those that both have."""
    found = [
        *files.summary(place, "only here", [(name, "there", "") for name in left.keys() - right]),
        *files.summary(place, "only here", [(name, "", "there") for name in right.keys() - left]),
    ]
    said: dict[str, list[tuple[str, str, str]]] = {}
    for name in (name for name in left if name in right):
        for field in fields(MountedFile):
            here, there = (getattr(side[name], field.name) for side in (left, right))
            if here != there:
                shown = [_shown(field.name, value) for value in (here, there)]
                said.setdefault(field.name, []).append((name, shown[0], shown[1]))
    for field_name, items in said.items():
        found += files.summary(place, field_name, items)
    return found


def _shown(field: str, value: object) -> str:
    text = oct(value) if field == "mode" and isinstance(value, int) else str(value)
    return text[:16] if field == "content" else text


def _files(area: Area, tools: Path) -> dict[str, MountedFile]:
    with TemporaryDirectory(prefix="appliance-") as place:
        target = Path(place) / "packed"
        kind = mounted.kind_of(area)
        mounted.pack(area, kind, target, tools=tools, scratch=Path(place))
        return dict(mounted.listed(target))
