"""Every link of the documentation leads somewhere: to a file that is there, a heading in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[3]
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md"), *(TOP / "bench").glob("*.md")])
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page's headings, as the usual forges make them."""
    plain = FENCED.sub("", page.read_text())
    found = (re.sub(r"[^\w\- ]", "", each.lower()) for each in HEADING.findall(plain))
    return frozenset(each.strip().replace(" ", "-") for each in found)


def broken(page: Path) -> Iterator[str]:
    for link in LINK.findall(FENCED.sub("", page.read_text())):
        name, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", name):
            continue  # an address: nobody is asked
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            yield f"{page.relative_to(TOP)}: {link} is not there"
        elif anchor and anchor not in anchors(target):
            yield f"{page.relative_to(TOP)}: {target.name} has no heading for #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_its_links_lead_somewhere(page: Path) -> None:
    assert not list(broken(page))


def test_every_page_can_be_reached_from_the_index() -> None:
    seen, ahead = set(), [TOP / "docs/README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = (each.partition("#")[0] for each in LINK.findall(page.read_text()))
        names = (each for each in links if each and not re.match(r"[a-z]+:", each))
        ahead += [(page.parent / each).resolve() for each in names]
    missing = {page for page in PAGES if page.is_relative_to(TOP / "docs")} - seen
    assert not sorted(str(page.relative_to(TOP)) for page in missing)
