"""What `appliance diff` found, as a report: how much of what, where it grew, a table for each."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from appliance.inspection.comparison.growth import NO_PACKAGE
from appliance.inspection.comparison.model import Comparison, Growth, GrowthRow
from appliance.inspection.content_facts import SizeRow
from appliance.inspection.pages.model import Block, Bytes, Cell, Map, Report, Table
from appliance.inspection.sections.sizes import SizeNode, by_directory
from appliance.units import show, show_growth

Row = tuple[Cell, ...]
Bit = tuple[str, str, str, str]  # where, what, and what each side says


def report(found: Comparison, bits: Sequence[Bit] = ()) -> Report:
    """The page of a comparison, with the *bits* that differ; what was not asked for is left out."""
    return Report(
        title=f"{found.left_name} → {found.right_name}",
        summary=tuple((name, value) for name, value in _summary(found, bits) if value),
        maps=tuple(_maps(found)),
        tables=tuple(_tables(found, bits)),
    )


def _summary(found: Comparison, bits: Sequence[Bit]) -> Iterator[tuple[str, str]]:
    yield "First", found.left
    yield "Second", found.right
    if found.packages is not None:
        yield "Packages", _counts(found.packages)
    if found.sizes is not None:
        grown = show_growth(found.sizes.right - found.sizes.left)
        yield "Sizes", f"{show(found.sizes.left)} → {show(found.sizes.right)} ({grown})"
    if found.settings is not None:
        yield "Settings", _counts(found.settings)
    if found.files is not None:
        yield "Files", _counts(found.files)
    if found.vulnerabilities is not None:
        yield "Vulnerabilities", _counts(found.vulnerabilities)
    yield "Bits", f"{len(bits)} difference{'' if len(bits) == 1 else 's'}" if bits else ""


def _counts(changes: Sequence[Any]) -> str:
    counts = Counter(each.change for each in changes)
    return ", ".join(f"{count} {change}" for change, count in sorted(counts.items())) or "the same"


def _maps(found: Comparison) -> Iterator[Map]:
    """Where it grew and where it shrank; a map without anything in it is left out."""
    if found.sizes is None:
        return
    sizes = found.sizes
    for sign, word in ((1, "grew"), (-1, "shrank")):
        packages = tuple(_package(each, sign) for each in sizes.packages if sign * each.size > 0)
        if packages:
            size = sum(each.size for each in packages)
            yield Map(f"packages that {word}", Block(f"what {word}", size, packages))
        rows = _grown(sizes.rows, sign)
        if rows:
            yield Map(f"directories that {word}", _block(by_directory(rows)))


def _package(each: Growth, sign: int) -> Block:
    return Block(each.name or NO_PACKAGE, sign * each.size, (), each.reason)


def _grown(rows: Sequence[GrowthRow], sign: int) -> list[SizeRow]:
    """By how much each directory grew, or shrank, without those in it."""
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.directory] += sign * (row.right - row.left)
    return [SizeRow(name, "", size, 1) for name, size in sorted(sums.items()) if size > 0]


def _block(node: SizeNode) -> Block:
    parts = [_block(part) for part in node.parts]
    left = node.size - sum(part.size for part in parts)
    if parts and left:
        parts.append(Block("(files right here)", left))
    return Block(node.name, node.size, tuple(parts))


def _tables(found: Comparison, bits: Sequence[Bit]) -> Iterator[Table]:
    for name, title, columns, values, row in TABLES:
        said = values(found)
        if said is not None:
            rows = tuple(row(value) for value in said)
            yield Table(name, title, columns, rows, "" if rows else "Nothing differs.")
    if bits:
        yield Table("bits", "Bit by bit", ("Where", "What", "First", "Second"), tuple(bits))
    if found.notes:
        rows = tuple((note,) for note in found.notes)
        yield Table("notes", "Notes", ("What is not known, and why",), rows)


def _growth(each: Growth) -> Row:
    name = each.name or NO_PACKAGE
    return name, Bytes(each.left), Bytes(each.right), Bytes(each.size, signed=True), each.reason


# The name of a table, its title, the columns, its values, and what one of these says in them.
Values = Callable[[Comparison], Sequence[Any] | None]
Kind = tuple[str, str, tuple[str, ...], Values, Callable[[Any], Row]]
TABLES: tuple[Kind, ...] = (
    ("packages", "Packages", ("Name", "Change", "First", "Second", "Source", "Why it is there"),
     lambda found: found.packages,
     lambda p: (p.name, p.change, p.left, p.right, p.source, p.reason)),
    ("vulnerabilities", "Vulnerabilities",
     ("Name", "Change", "Package", "Version", "Mended in", "Severity", "What it is"),
     lambda found: found.vulnerabilities,
     lambda v: (v.name, v.change, v.package, v.version, v.fixed, v.severity, v.about)),
    ("growth", "Growth by package", ("Package", "First", "Second", "Growth", "Why"),
     lambda found: found.sizes.packages if found.sizes else None, _growth),
    ("directories", "Growth by directory", ("Directory", "First", "Second", "Growth", "Why"),
     lambda found: found.sizes.directories if found.sizes else None, _growth),
    ("settings", "Settings", ("Of", "Name", "What", "Change", "First", "Second"),
     lambda found: found.settings,
     lambda s: (s.kind, s.name, s.what, s.change, s.left, s.right)),
    ("files", "Files", ("Path", "Change", "What differs", "Package", "First", "Second"),
     lambda found: found.files,
     lambda f: (f.path, f.change, ", ".join(f.what), f.package, Bytes(f.left), Bytes(f.right))),
    ("news", "What the packages say", ("Source", "First", "Second", "What it says"),
     lambda found: found.news,
     lambda n: (n.source, n.left, n.right, " ".join((*n.entries, n.note)))),
)  # fmt: skip
