"""What differs between two appliances, for people: a summary in words, then bit by bit."""

from collections import Counter
from collections.abc import Iterator, Sequence

from appliance.cli.printable import printable
from appliance.difference.spans import Difference
from appliance.inspection.comparison.growth import NO_PACKAGE
from appliance.inspection.comparison.model import (
    ADDED,
    CHANGED,
    COME,
    MENDED,
    NEWER,
    OLDER,
    REMOVED,
    Comparison,
    FileChange,
    Growth,
    SettingChange,
)
from appliance.units import show, show_growth

FEW = 20  # lines of what there may be very many of; JSON has all
CONFIGURATION = "/etc/"
Row = Sequence[str]


def lines(found: Comparison, bits: Sequence[Difference]) -> Iterator[str]:
    """Everything that differs, printable: names in an image may be anything. Without words it is
    the *bits* alone, without a heading."""
    told = [(heading, said) for heading, tell in SECTIONS if (said := list(tell(found)))]
    told += [("Notes", list(found.notes))] if told and found.notes else []
    for heading, said in told:
        yield heading
        yield from (f"  {printable(each)}".rstrip() for each in said)
        yield ""
    if told and bits:
        yield "Bits"
    yield from (line(difference) for difference in bits)


def line(difference: Difference) -> str:
    """One difference in words: where, what, and what each side says."""
    said = (
        f": {difference.left} | {difference.right}" if difference.left or difference.right else ""
    )
    return printable(f"{difference.place}: {difference.what}{said}")


def _packages(found: Comparison) -> Iterator[str]:
    if not found.packages:
        return
    counts = Counter(each.change for each in found.packages)
    yield ", ".join(f"{counts[change]} {change}" for change in CHANGES if counts[change])
    rows = sorted(found.packages, key=lambda each: (CHANGES.index(each.change), each.name))
    yield from _table([(each.change, each.name, _way(each.left, each.right)) for each in rows])


def _sizes(found: Comparison) -> Iterator[str]:
    sizes = found.sizes
    if sizes is None or not sizes.rows:
        return
    grown = (
        show_growth(sizes.right - sizes.left) if sizes.right != sizes.left else "in all the same"
    )
    yield f"{show(sizes.left)} → {show(sizes.right)} ({grown})"
    yield "by package:"
    yield from _growth(sizes.packages)
    yield "by directory:"
    yield from _growth(sizes.directories)


def _growth(rows: Sequence[Growth]) -> Iterator[str]:
    told = [(show_growth(each.size), each.name or NO_PACKAGE, each.reason) for each in rows[:FEW]]
    yield from (f"  {row}" for row in (*_table(told), *_more(rows)))


def _settings(found: Comparison) -> Iterator[str]:
    yield from _table([_setting(each) for each in found.settings or ()])
    rows = [each for each in found.files or () if each.path.startswith(CONFIGURATION)]
    yield from _files_told(rows)


def _setting(said: SettingChange) -> Row:
    of = f"{said.kind} {said.name}".strip()
    what = f"{of}: {said.what}" if said.what and said.name else said.what or of
    return said.change, what, _way(said.left, said.right)


def _files(found: Comparison) -> Iterator[str]:
    rows = [each for each in found.files or () if not each.path.startswith(CONFIGURATION)]
    loose = [each for each in rows if not each.package]
    if loose:
        yield f"of no package: {_counted(loose)}"
        yield from (f"  {row}" for row in _files_told(loose))
    owned: dict[str, list[FileChange]] = {}
    for each in rows:
        if each.package:
            owned.setdefault(each.package, []).append(each)
    for package, own in list(owned.items())[:FEW]:
        first = f", such as {own[0].path}" if len(own) > 1 else f": {own[0].path}"
        yield f"of {package}: {_counted(own)}{first}"
    yield from _more(list(owned))


def _files_told(rows: Sequence[FileChange]) -> Iterator[str]:
    yield from _table([(each.change, each.path, ", ".join(each.what)) for each in rows[:FEW]])
    yield from _more(rows)


def _counted(rows: Sequence[FileChange]) -> str:
    counts = Counter(each.change for each in rows)
    return ", ".join(f"{counts[change]} {change}" for change in CHANGES if counts[change])


def _vulnerabilities(found: Comparison) -> Iterator[str]:
    rows = found.vulnerabilities or ()
    yield from _table([
        (each.change, each.name, f"{each.package} {each.version}", each.severity) for each in rows
    ])  # fmt: skip


def _way(left: str, right: str) -> str:
    return f"{left} → {right}" if left and right else right or (left and f"was {left}")


def _more(rows: Sequence[object]) -> list[str]:
    return [f"and {len(rows) - FEW} more (--json tells all)"] if len(rows) > FEW else []


def _table(rows: Sequence[Row]) -> list[str]:
    """Rows in columns, each as wide as its widest cell but the last."""
    kept = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*kept, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in kept
    ]


CHANGES = (ADDED, REMOVED, NEWER, OLDER, CHANGED, MENDED, COME)  # in the order in which it is told
SECTIONS = (
    ("Packages", _packages),
    ("Vulnerabilities", _vulnerabilities),
    ("Sizes", _sizes),
    ("Settings", _settings),
    ("Files", _files),
)
