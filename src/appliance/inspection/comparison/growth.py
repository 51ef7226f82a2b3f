"""What takes more room or less, by package and by directory, and why."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from appliance.inspection.comparison.model import (
    Growth,
    GrowthRow,
    PackageChange,
    SizeChanges,
)
from appliance.inspection.content_facts import SizeRow
from appliance.units import show_growth

LEVELS = 2  # of directories whose growth is told
NAMED = 3  # packages or directories that a reason names
SAME_VERSION = "other files, the same version"
NO_PACKAGE = "files of no package"


def size_changes(
    left: Sequence[SizeRow], right: Sequence[SizeRow], packages: Iterable[PackageChange]
) -> SizeChanges:
    """How the room that files take changed; the changes of *packages* are reasons."""
    rows = _rows(left, right)
    reasons = {each.name: _reason(each) for each in packages}
    return SizeChanges(
        left=sum(row.size for row in left),
        right=sum(row.size for row in right),
        packages=_grown(
            rows,
            lambda row: row.package,
            lambda name, own: (
                reasons.get(name, SAME_VERSION) if name else _most(own, lambda row: row.directory)
            ),
        ),
        directories=_grown(
            rows,
            lambda row: _top(row.directory),
            lambda _, own: _most(own, lambda row: row.package or NO_PACKAGE),
        ),
        rows=rows,
    )


def _rows(left: Sequence[SizeRow], right: Sequence[SizeRow]) -> tuple[GrowthRow, ...]:
    one, two = ({(row.directory, row.package): row.size for row in side} for side in (left, right))
    return tuple(
        GrowthRow(*key, one.get(key, 0), two.get(key, 0))
        for key in sorted(one.keys() | two.keys())
        if one.get(key, 0) != two.get(key, 0)
    )


def _reason(change: PackageChange) -> str:
    versions = f": {change.left} → {change.right}" if change.left and change.right else ""
    return f"{change.change}{versions}"


def _grown(
    rows: Sequence[GrowthRow],
    key: Callable[[GrowthRow], str],
    reason: Callable[[str, Sequence[GrowthRow]], str],
) -> tuple[Growth, ...]:
    """What *rows* come to by *key*, what differs most first; what is the same is left out."""
    groups: dict[str, list[GrowthRow]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    found = [
        Growth(name, sum(row.left for row in own), sum(row.right for row in own), reason(name, own))
        for name, own in groups.items()
    ]
    kept = [each for each in found if each.size]
    return tuple(sorted(kept, key=lambda each: (-abs(each.size), each.name)))


def _most(rows: Sequence[GrowthRow], key: Callable[[GrowthRow], str]) -> str:
    """What makes most of a growth, in the direction in which all of it goes."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[key(row)] += row.right - row.left
    up = sum(sums.values()) > 0
    ranked = sorted(
        ((name, size) for name, size in sums.items() if size and (size > 0) == up),
        key=lambda each: (-abs(each[1]), each[0]),
    )
    return ", ".join(f"{name} {show_growth(size)}" for name, size in ranked[:NAMED])


def _top(directory: str) -> str:
    return "/".join(directory.split("/")[: LEVELS + 1]) or "/"
