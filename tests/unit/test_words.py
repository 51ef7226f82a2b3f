"""Names and prose obey docs/reference/words.md: one word has one meaning, and sentences say it."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from house import SOURCE, nodes, sources

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs/reference/words.md").read_text()
# What a name may not be made of: words that say nothing of what is behind them.
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "misc", "common", "handler", "stuff"}
# What prose may not say, and what it says instead.
INSTEAD = {
    r"file systems?\b": "filesystem",
    r"\bmeta[- ]data\b": "metadata",
    r"\bboot-?loaders?\b": "boot loader",
    r"\bkick start\b": "kickstart",
    r"\bdisk image files?\b": "image",
    r"\bsub-?volume-": "subvolume",
}
MADE = "<!-- Made by `make docs`"  # of words that others have chosen
LEAST = 5  # words of a docstring
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def documented(file: Path) -> Iterator[tuple[str, str]]:
    """Where each docstring of a file stands, and its text."""
    for node in nodes(file):
        if isinstance(node, Documented) and (text := ast.get_docstring(node)):
            yield f"{file}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', '')}", text


def names(file: Path) -> Iterator[str]:
    yield file.stem
    for node in nodes(file):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name


def test_names_are_not_made_of_words_that_say_nothing() -> None:
    wrong = [
        f"{file}: {name}"
        for file in SOURCE.rglob("*.py")
        for name in names(file)
        if EMPTY_WORDS & {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    ]
    assert not wrong, "\n".join(wrong)


def test_docstrings_are_sentences_and_do_not_only_point_elsewhere() -> None:
    wrong = [
        f"{place}: {text!r}"
        for file in sources()
        for place, text in documented(file)
        if len(text.split()) < LEAST or re.match(r"See \S+\.?( |$)", text)
    ]
    assert not wrong, "\n".join(wrong)


@cache
def prose() -> tuple[tuple[str, str], ...]:
    """All sentences, each with its place; what is quoted as code is none of ours."""
    told = [*of_sources(), *of_pages()]
    return tuple((place, re.sub(r"`[^`\n]*`", "", text)) for place, text in told)


def of_sources() -> Iterator[tuple[str, str]]:
    for file in sources():
        yield from documented(file)


def of_pages() -> Iterator[tuple[str, str]]:
    pages = [page for page in TOP.glob("**/*.md") if ".venv" not in page.parts]
    for page in (page for page in pages if MADE not in page.read_text()):
        plain = re.sub(
            r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)", "", page.read_text(), flags=re.M | re.S
        )
        yield str(page.relative_to(TOP)), plain


@pytest.mark.parametrize("words", INSTEAD)
def test_one_thing_has_one_spelling(words: str) -> None:
    wrong = [
        f"{place}: {found[0]!r}, not {INSTEAD[words]!r}"
        for place, text in prose()
        for found in re.finditer(words, text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_word_is_explained_twice() -> None:
    cells = re.findall(r"^\| ([^|]*\*\*[^|]*) \|", PAGE, re.MULTILINE)
    terms = [term.strip() for cell in cells for term in re.findall(r"\*\*([^*]+)\*\*", cell)]
    assert len(terms) > 40
    assert [term for term, count in Counter(terms).items() if count > 1] == []
