"""The page about the product sheet shows one that is understood, with every key in it."""

import re
import tomllib
from pathlib import Path

from appliance.bundle.sheet import NAMED, TABLES, parse

PAGE = Path(__file__).parents[3] / "docs/reference/product-sheet.md"


def test_the_example_is_a_sheet_with_every_key() -> None:
    text = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[-1]
    sheet = parse(text, PAGE)
    assert sheet.product.name == "Web server"
    assert sheet.memory == 2 << 30
    said = tomllib.loads(text)
    for name, keys in TABLES.items():
        table = said[name][0] if isinstance(said[name], list) else said[name]
        table = next(iter(table.values())) if name in NAMED else table
        assert set(table) == set(keys) - {"eula"}, name
