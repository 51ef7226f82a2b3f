"""A release note in Markdown: what a new release of an appliance mends and brings. Its words may
come from an image of a stranger: they stand in code, where Markdown has no meaning."""

from collections.abc import Iterator, Sequence

from appliance.inspection.comparison.model import (
    ADDED,
    CHANGED,
    MENDED,
    NEWER,
    OLDER,
    REMOVED,
    Comparison,
    News,
    PackageChange,
)

TITLES = {
    ADDED: "Added packages",
    REMOVED: "Removed packages",
    NEWER: "Newer packages",
    OLDER: "Older packages",
    CHANGED: "Changed packages",
}
NO_ENTRY = "its changelog has no entry for this"
NOTHING = "No package was added or removed, is newer or older."


def release_note(found: Comparison) -> str:
    """What `found` says of packages, vulnerabilities and changelogs, for those who get the second
    of both appliances."""
    blocks = [f"# What is new in {_code(found.right_name)} since {_code(found.left_name)}"]
    blocks += _vulnerabilities(found)
    changes = found.packages or ()
    for change, title in TITLES.items():
        rows = [each for each in changes if each.change == change]
        if rows:
            blocks += [f"## {title}", "\n".join(map(_package, rows))]
    if not changes:
        blocks.append(NOTHING)
    blocks += _changelogs(found.news or ())
    if found.notes:
        blocks += ["## Notes", "\n".join(f"- {_code(note)}" for note in found.notes)]
    return "\n\n".join(blocks) + "\n"


def _vulnerabilities(found: Comparison) -> Iterator[str]:
    mended = [each for each in found.vulnerabilities or () if each.change == MENDED]
    if found.vulnerabilities is None:
        return
    yield "## Mended vulnerabilities"
    yield (
        "\n".join(
            f"- {_code(each.name)}{f' ({_code(each.severity)})' if each.severity else ''}: "
            f"{_code(each.package)}{f', {_code(each.about)}' if each.about else ''}"
            for each in mended
        )
        or "None that the data knows."
    )


def _package(change: PackageChange) -> str:
    versions = " → ".join(_code(each) for each in (change.left, change.right) if each)
    return f"- {_code(change.name)} {versions}"


def _changelogs(news: Sequence[News]) -> Iterator[str]:
    if not news:
        return
    yield "## What the packages say"
    silent = [each for each in news if not each.entries]
    for each in news:
        if each.entries:
            yield f"### {_code(each.source)} {_code(each.left)} → {_code(each.right)}"
            yield from ("\n".join(f"    {line}" for line in text.split("\n"))
                        for text in each.entries)  # fmt: skip
            if each.note:
                yield f"And more: {each.note}."
    for note in dict.fromkeys(each.note or NO_ENTRY for each in silent):
        names = (_code(each.source) for each in silent if (each.note or NO_ENTRY) == note)
        yield f"- {', '.join(names)}: {note}"


def _code(text: str) -> str:
    """*text* as code on one line, whatever is in it."""
    line = " ".join(text.split())
    fence = "`"
    while fence in line:
        fence += "`"
    space = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{fence}{space}{line}{space}{fence}" if line else ""
