"""Nothing of more than twelve lines stands twice in the sources."""

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from house import SECOND, SOURCE

MOST = 12  # lines that two places may share
PASSED_OVER = (ast.Import, ast.ImportFrom)


def lines_of(text: str) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers: no imports, comments, lone punctuation."""
    tree = ast.parse(text)
    skipped = {
        number
        for node in ast.walk(tree)
        if isinstance(node, PASSED_OVER)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    comments = {
        token.start[0]: token.start[1]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line[: comments.get(number)].strip()
        if number not in skipped and any(letter.isalnum() for letter in plain):
            found.append((number, plain))
    return found


def shared(texts: dict[str, str]) -> Iterator[str]:
    """The places that share more than MOST lines, each run once."""
    seen: dict[tuple[str, ...], list[tuple[str, int, int]]] = defaultdict(list)
    for name, text in texts.items():
        lines = lines_of(text)
        for index in range(len(lines) - MOST):
            run = tuple(line for _, line in lines[index : index + MOST + 1])
            seen[run].append((name, index, lines[index][0]))
    told: set[tuple[str, str, int]] = set()
    for places in seen.values():
        for (one, index, line), (other, there, line_there) in pairwise(places):
            key = (one, other, index - there)
            if key not in told:
                told.add(key)
                yield f"{one}:{line} and {other}:{line_there}"


def test_no_run_of_lines_stands_twice() -> None:
    files = [*SOURCE.rglob("*.py"), *SECOND.rglob("*.py")]
    found = list(shared({str(file): file.read_text() for file in files}))
    assert not found, "\n".join(found)


def test_a_run_that_stands_twice_is_found() -> None:
    run = "\n".join(f"value_{number} = {number}" for number in range(MOST + 1))
    other = f"import os\n\n# something else\n{run.replace('= 3', '=  3')}\n"
    assert not list(shared({"a.py": run, "b.py": "x = 1\n"}))
    assert not list(shared({"a.py": run, "b.py": other}))
    assert list(shared({"a.py": run, "b.py": f"import os\n# a comment\n{run}\n"})) == [
        "a.py:1 and b.py:3"
    ]
