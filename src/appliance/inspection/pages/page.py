"""Write a report as one HTML file. Its words may come from an image of a stranger: all of them are
escaped, and the page allows itself no script but its own, and no address at all."""

import base64
import hashlib
import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from appliance.host.new_files import write_file
from appliance.inspection.pages.model import Bytes, Cell, Report
from appliance.units import show, show_growth

SHOWN = 2000  # rows of one table, as a browser is slow with more
PARTS = 400  # of one block: what is smaller is told together
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def write(report: Report, path: Path) -> None:
    """Write the page of *report* to *path*, as write_file() does, with its errors."""
    write_file(path, page(report).encode())


def page(report: Report) -> str:
    """The whole page, deterministic: the same report gives the same bytes. Rows after the first
    SHOWN of a table are counted, not shown."""
    import jinja2  # here: most commands write no page

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": shown, "sort_key": _sort_key, "numeric": _numeric}
    script = _file("page.js")
    return environment.from_string(_file("page.html.j2")).render(
        report=report,
        most=SHOWN,
        style=_file("page.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        blocks=_data([_bounded(asdict(each)) for each in report.maps]),
    )


def shown(cell: Cell) -> str:
    """A cell as people read it; letters that no line holds, such as a terminal's, are spelt out."""
    if isinstance(cell, Bytes):
        return show_growth(cell.value) if cell.signed else show(cell.value)
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(cell))


def _sort_key(cell: Cell) -> str:
    return str(cell.value if isinstance(cell, Bytes) else cell)


def _numeric(cell: Cell) -> bool:
    return isinstance(cell, Bytes | int)


def _bounded(said: dict[str, Any]) -> dict[str, Any]:
    """A map with at most PARTS parts for each block, the largest first."""
    todo = [said["whole"]]
    while todo:
        block = todo.pop()
        block["name"] = shown(block["name"])
        parts = sorted(block["parts"], key=lambda part: (-part["size"], part["name"]))
        kept, rest = parts[:PARTS], parts[PARTS:]
        if rest:
            left = sum(part["size"] for part in rest)
            kept.append({"name": f"{len(rest)} more", "size": left, "parts": [], "about": ""})
        block["parts"] = kept
        todo += kept
    return said


def _data(maps: list[dict[str, Any]]) -> str:
    """JSON that can stand between two tags of HTML."""
    text = json.dumps(maps, ensure_ascii=True, separators=(",", ":"))
    return "".join(UNSAFE.get(letter, letter) for letter in text)


def _file(name: str) -> str:
    return (resources.files("appliance.inspection.pages") / name).read_text("utf-8")
