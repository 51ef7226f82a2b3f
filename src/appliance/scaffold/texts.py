"""The files that an author starts with, as texts: templates, with his names in them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import jinja2

from appliance.scaffold.request import Start

TEMPLATES = Path(__file__).parent / "templates"
COMMON, ALL = "common", "all"
FIRST_BOOT = "first-boot"


@dataclass(frozen=True)
class NewFile:
    """One file.

    *path*: its place in the new directory.
    *text*: what is in it.
    *program*: whether it can be run.
    """

    path: PurePosixPath
    text: str
    program: bool


def texts(start: Start) -> tuple[NewFile, ...]:
    """All files of a new directory, sorted by their paths."""
    chosen = {path: source for layer in _layers(start) for path, source in _sources(layer)}
    first_boot = any(path.parts[0] == FIRST_BOOT for path in chosen)
    environment = _environment()
    words = {
        "name": start.name,
        "title": start.title,
        "kind": start.kind,
        "base": start.base,
        "first_boot": first_boot,
        # TOML writes a text as JSON does, if no control character is in it
        "vendor": json.dumps(start.vendor, ensure_ascii=False),
    }
    made = []
    for path, source in chosen.items():
        text = environment.get_template(source).render(words)
        named = PurePosixPath(*(_named(part, start.name) for part in path.parts))
        made.append(NewFile(named, text, text.startswith("#!") and path.suffix == ".sh"))
    return tuple(sorted(made, key=lambda file: file.path))


def _layers(start: Start) -> tuple[str, ...]:
    """The directories of templates, the later over the earlier."""
    kind = start.kind.name
    return (COMMON, *(f"{kind}/{each}" for each in (ALL, start.base.packages, start.base.name)))


def _sources(layer: str) -> Iterator[tuple[PurePosixPath, str]]:
    """The files of one directory of templates: their places in it, and among all templates."""
    top = TEMPLATES / layer
    for path in sorted(top.rglob("*")):
        if path.is_file():
            yield PurePosixPath(path.relative_to(top)), str(path.relative_to(TEMPLATES))


def _named(part: str, name: str) -> str:
    return part.replace("NAME", name).replace("dot-", ".", 1)


def _environment() -> jinja2.Environment:
    """What renders texts that are no HTML; a name that nobody gave is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="{*",  # "{#" is what a shell calls the length of a variable
        comment_end_string="*}",
    )
