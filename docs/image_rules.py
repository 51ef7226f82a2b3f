"""The page about rules for images, out of the tables that judge them."""

from collections.abc import Iterator

from appliance.backends.image_rules import KNOWN, Rule

HEAD = """# Rules about images

What must not be in an image that others get, or must be: `appliance build` judges the finished tree
by them, `appliance lint IMAGE` the finished disk of anybody ([how](../how-to/leaks.md)). In the
paths `*` is within a name and `**` whatever is between; an empty file breaks no rule. A rule with a
test looks into the file; of texts it reads the first 256 KiB.
"""
WHAT = {
    "identity": "What each machine must have of its own.",
    "secrets": "What opens doors.",
    "traces": "What tells who built, where, and what happened there.",
    "residue": "What lies about.",
    "marks": "Names and pictures of others, with `--marks` only; what their holders say, in our "
    "words ([how](../how-to/brand.md)).",
}
FEW = 6  # paths of a rule that are told


def page() -> str:
    """Every rule, group by group."""
    return "\n".join([HEAD, *_groups()])


def _groups() -> Iterator[str]:
    for group, rules in KNOWN.items():
        yield f"## {group.capitalize()}\n\n{WHAT[group]}\n"
        yield "| rule | | what has to be so | why | where it looks | what to do | source |"
        yield "|---|---|---|---|---|---|---|"
        yield from map(_row, rules)
        yield ""


def _row(rule: Rule) -> str:
    cells = (
        f"`{rule.name}`",
        rule.severity,
        rule.sentence,
        rule.reason,
        _places(rule),
        rule.cure,
        rule.source,
    )
    told = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(told)} |"


def _places(rule: Rule) -> str:
    told = ", ".join(f"`{path}`" for path in rule.paths[:FEW])
    more = len(rule.paths) - FEW
    if not rule.paths:
        return "in the whole image"
    return (f"{told} and {more} more" if more > 0 else told) + (", tested" if rule.test else "")
