"""How a product sheet says [files]: what is copied into the image, and what scripts see."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.bundle.sheet_keys import Key, texts
from appliance.errors import Where
from appliance.recipe.own_files import SHAPE, Copy, OwnFiles, ShownDirectory, parse_copy


def copies(value: Any) -> tuple[Copy, ...]:
    """Read the value of `copy`; raises ValueError for one that cannot be."""
    return tuple(_copy(text) for text in texts(value))


def _copy(text: str) -> Copy:
    try:
        return parse_copy(text)
    except ValueError as error:
        raise ValueError(f"'{text}': {error}") from None


def shown(value: Any) -> tuple[ShownDirectory, ...]:
    """Read the value of `show`; raises ValueError for one that cannot be."""
    return tuple(ShownDirectory(text) for text in texts(value))


FILES = {
    "copy": Key(
        "copies",
        copies,
        f"files of the kickstart's directory for the image, each as {SHAPE}",
        '["shop:/opt/shop", "shop.conf:/etc/:0640:root:adm"]',
    ),
    "show": Key(
        "shown",
        shown,
        "directories that `%pre` and `%post --nochroot` may look into; `files`, if there is one",
        '["data"]',
    ),
}


def own_files(said: Mapping[str, Any], text: str, path: Path) -> OwnFiles:
    """Return what [files] says, by the names of OwnFiles' fields, of the sheet *path* with *text*:
    its files are relative to the sheet, and each knows its line."""
    lines = text.splitlines()

    def line(word: str, *, end: bool) -> Where:
        quoted = [f"{quote}{word}{quote if end else ''}" for quote in ("'", '"')]
        found = (n for n, each in enumerate(lines, 1) if any(word in each for word in quoted))
        return Where(path, next(found, 1))

    return OwnFiles(
        tuple(
            replace(copy, within=path.parent, where=line(f"{copy.source}:{copy.dest}", end=False))
            for copy in said.get("copies", ())
        ),
        tuple(
            replace(each, within=path.parent, where=line(each.path, end=True))
            for each in said.get("shown", ())
        ),
    )
