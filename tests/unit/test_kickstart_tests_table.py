"""The table of Anaconda's kickstart tests: complete, counted, and what it names exists."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TABLE = REPOSITORY / "docs/explanation/kickstart-tests.md"
CLASSES = ("applies-tested", "applies-untested", "does not apply")
TESTS = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
NAMES = 314


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    group: str
    kind: str
    text: str


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def rows() -> list[Row]:
    lines = TABLE.read_text().splitlines()
    found = [cells(line) for line in lines if line.startswith("| `")]
    return [Row(name.strip("`"), *rest) for name, *rest in found]


def counted() -> dict[str, list[int]]:
    """The numbers at the top: group by group, in the order of CLASSES, then all."""
    lines = TABLE.read_text().splitlines()
    found = [cells(line) for line in lines if re.fullmatch(r"\| \w+( \| \d+){4} \|", line)]
    return {name: [int(number) for number in numbers] for name, *numbers in found}


@cache
def functions(path: str) -> set[str]:
    """The test functions of a file."""
    tree = ast.parse((REPOSITORY / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_has_one_row() -> None:
    names = [row.name for row in rows()]

    assert len(names) == NAMES
    assert len(set(names)) == NAMES
    assert f"there are {NAMES} of them" in TABLE.read_text()


def test_the_numbers_at_the_top_are_right() -> None:
    found = Counter((row.group, row.kind) for row in rows())
    groups = {row.group for row in rows()}
    expected = {group: [found[group, kind] for kind in CLASSES] for group in groups}
    expected["all"] = [sum(numbers) for numbers in zip(*expected.values(), strict=True)]

    assert counted() == {name: [*numbers, sum(numbers)] for name, numbers in expected.items()}


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row.name))
def test_a_row_says_which_test_or_why_none(row: Row) -> None:
    named = TESTS.findall(row.text)

    assert row.kind in CLASSES
    if row.kind == "applies-tested":
        assert named
        assert TESTS.sub("", row.text).strip(", ") == ""
        assert [f"{path}::{name}" for path, name in named if name not in functions(path)] == []
    else:
        assert len(row.text) > len("why not")
        assert not named
