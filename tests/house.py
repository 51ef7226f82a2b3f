"""The plan of the house, for the tests that compare it with what stands there."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "appliance"
SECOND = Path(__file__).parents[1] / "appliance-imgcreate"  # a distribution of its own
LADDER = (
    {"cli"},
    {"farm"},
    {"catalog"},
    {"trial"},
    {"boot", "difference", "inspection", "scaffold"},
    {"creation"},
    {"engine"},
    {"handover"},
    {"packages", "intake"},
    {"store"},
    {"host"},
    {"plan"},
    {"steps"},
    {"backends"},
    {"bundle"},
    {"layout"},
    {"recipe"},
    {"work"},
    {"events"},
    {"filesystem_facts"},
    {"errors", "units", "codec"},
    {"masking"},
)
FLOOR = {room: level for level, rooms in enumerate(LADDER) for room in rooms}


def sources() -> Iterator[Path]:
    yield from SOURCE.rglob("*.py")
    yield from SECOND.rglob("*.py")


@cache
def tree(file: Path) -> ast.Module:
    """A file, parsed once for all rules that look at it."""
    return ast.parse(file.read_text())


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All that a file says; each rule of the house looks at it once more."""
    return tuple(ast.walk(tree(file)))


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    for node in nodes(file):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield (*node.module.split("."), name.name)
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield tuple(name.name.split("."))
