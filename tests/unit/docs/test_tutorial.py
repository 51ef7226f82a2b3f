"""The tutorial keeps its promise of fifteen lines, and the page on starting lists what there is."""

import re
from pathlib import Path

from appliance.scaffold.templates import BASES, KNOWN

DOCS = Path(__file__).parents[3] / "docs"
BLOCK = re.compile(r"(<!-- output -->\n)?^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tutorial_is_fifteen_typed_lines() -> None:
    text = (DOCS / "tutorial.md").read_text()
    typed = [line for shown, block in BLOCK.findall(text) if not shown
             for line in block.splitlines()]  # fmt: skip
    assert "fifteen lines to type" in text
    assert len(typed) <= 15
    assert [line.split()[:2] for line in typed[:3]][::2] == [
        ["make", "setup"],
        ["appliance", "new"],
    ]


def test_the_page_on_starting_lists_what_there_is() -> None:
    text = (DOCS / "how-to/start.md").read_text()
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", text.partition("--family")[0], re.M)
    assert set(re.findall(r"`([a-z-]+)`", " ".join(rows))) == {"--like", *KNOWN}
    assert set(BASES) <= set(re.findall(r"[a-z-]+", text.partition("--family")[2]))
