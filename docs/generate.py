"""Write docs/reference/ from the code; with --check, say whether it is stale; with --man DIR, write
the manual pages there instead."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["COLUMNS"] = "88"  # argparse folds its help to this
os.environ["XDG_CACHE_HOME"] = "~/.cache"  # a default that is not this machine's

from appliance.backends import disk_formats, families, filesystems
from appliance.cli import COMMANDS, creator, parser, virt_image
from appliance.recipe.reading.answers import Answer, Honoured, Judged, Noted, Refused
from appliance.recipe.reading.commands import COMMANDS as WORDS
from appliance.recipe.reading.commands import SECTIONS
from docs import image_rules, manual, schema, sheet

PLACE = Path(__file__).parent / "reference"
MADE = "<!-- Made by `make docs` from the code. -->\n\n"


def commands() -> str:
    """Every command's own help."""
    verbs = parser(everything=True)._subparsers
    assert verbs is not None
    choices = verbs._group_actions[0].choices
    assert isinstance(choices, dict)
    parts = [
        f"## appliance {name}\n\n```\n{choices[name].format_help().rstrip()}\n```\n"
        for name in COMMANDS
    ]
    old = [
        f"## {whole.prog}\n\n```\n{whole.format_help().rstrip()}\n```\n"
        for whole in (creator.parser(), virt_image.parser())
    ]
    return MADE + "\n".join(("# Commands\n", *parts, *old))


def kickstart() -> str:
    """Every word of the language, and what becomes of it."""
    lines = [
        "# Kickstart commands\n",
        "*Honoured*: what it says is in the image. *Noted*: without meaning for an image; said",
        "once. *Refused*: the build stops before it starts, and says what to try.\n",
        f"Filesystems: {', '.join(sorted(filesystems.KNOWN))}. "
        f"Disk formats: {', '.join(sorted(disk_formats.KNOWN))}. "
        f"Known repositories: {', '.join(repositories())}.\n",
        "| command | what becomes of it | options |",
        "|---|---|---|",
        *(row(word, answer) for word, answer in sorted(WORDS.items())),
        "",
        "| section | what becomes of it | options |",
        "|---|---|---|",
        *(row(word, answer) for word, answer in sorted(SECTIONS.items())),
        "",
    ]
    return MADE + "\n".join(lines)


def repositories() -> Iterator[str]:
    """Name the repositories that need no URL."""
    for family in families.KNOWN.values():
        yield from (f"`{family.name}-{release.codename}`" for release in family.releases)


def row(word: str, answer: Answer) -> str:
    """One line of the table."""
    match answer:
        case Honoured(options):
            return f"| `{word}` | honoured | {', '.join(map(option, options.items()))} |"
        case Judged(options, bare):
            return f"| `{word}` | {short(bare)} | {', '.join(map(option, options.items()))} |"
    return f"| `{word}` | {short(answer)} | |"


def option(item: tuple[str, Noted | Refused | None]) -> str:
    """One option, with what becomes of it unless it is honoured."""
    name, answer = item
    return f"`{name}`" if answer is None else f"`{name}` ({type(answer).__name__.lower()})"


def short(answer: Noted | Refused) -> str:
    """Why, and what to try."""
    if isinstance(answer, Noted):
        return f"noted: {answer.reason}"
    return f"refused: {answer.why}" + (f"; try: {answer.hint}" if answer.hint else "")


def pages() -> dict[str, str]:
    """Every generated file of the reference, by its name."""
    return {
        "commands.md": commands(),
        "kickstart.md": kickstart(),
        "product-sheet.md": MADE + sheet.page(),
        "image-rules.md": MADE + image_rules.page(),
        "appliance.schema.json": json.dumps(schema.schema(), indent=2) + "\n",
        "packages.schema.json": json.dumps(schema.packages_schema(), indent=2) + "\n",
        "difference.schema.json": json.dumps(schema.difference_schema(), indent=2) + "\n",
        "inspection.schema.json": json.dumps(schema.inspection_schema(), indent=2) + "\n",
        "events.schema.json": json.dumps(schema.events_schema(), indent=2) + "\n",
        "lint.schema.json": json.dumps(schema.lint_schema(), indent=2) + "\n",
    }


def main() -> int:
    """Write, or compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("--man", type=Path, metavar="DIR")
    given = options.parse_args()
    if given.man:
        manual.write(given.man)
        return 0
    only_check = given.check
    stale = []
    for name, text in pages().items():
        path = PLACE / name
        if only_check and (not path.exists() or path.read_text() != text):
            stale.append(path)
        if not only_check:
            path.write_text(text)
    for path in stale:
        print(f"{path} is stale: make docs", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
