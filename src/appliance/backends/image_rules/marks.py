"""Rules for names and pictures of others: what each distribution says may be done with its marks.

Nobody is told what the law says: the source is the page on which their holder speaks of them.
"""

from collections.abc import Callable, Iterator

from appliance.backends.brands import left
from appliance.backends.families.known import FAMILIES
from appliance.backends.families.marks import DIVERT, Marks
from appliance.backends.families.model import Family
from appliance.backends.image_rules.model import WARNING, Background, Fault, Rule, Seen
from appliance.work.file_tree import FileTree

Look = Callable[[FileTree, Background], Iterator[Fault]]
BRAND = "[brand] in the product sheet, or --unbrand"
WHY = "whoever gets the system would take it for theirs"
NEUTRAL = "leave the package out, or put your own picture in its place"


def _said(marks: Marks) -> Callable[[Seen], Iterator[str]]:
    def test(seen: Seen) -> Iterator[str]:
        text = seen.content.decode(errors="surrogateescape")
        yield from left.said(seen.entry.path, text, marks)

    return test


def _installed(marks: Marks) -> Look:
    def look(tree: FileTree, background: Background) -> Iterator[Fault]:
        del background
        for name in left.packages(tree, marks):
            yield Fault(left.DPKG, f"{name} is installed")

    return look


def _vendor(marks: Marks) -> Look:
    def look(tree: FileTree, background: Background) -> Iterator[Fault]:
        del background
        if path := left.vendor(tree, marks):
            yield Fault(path, "dpkg takes it for who makes this system")

    return look


def of_family(family: Family) -> Iterator[Rule]:
    """The rules about the marks of one *family*."""
    marks = family.marks
    names = " or ".join(marks.words)
    stays = "; of its own unmodified packages alone, it may keep it" if marks.unmodified else ""
    told = f"{marks.holder} says: {marks.rule}{stays}"
    yield Rule(
        f"{family.name}-name", WARNING, f"nothing that people read says {names}: {told}", WHY,
        marks.address, BRAND, paths=left.READ, unless=left.PUT_ASIDE, test=_said(marks), text=True,
    )  # fmt: skip
    yield Rule(
        f"{family.name}-picture", WARNING, f"no picture is one of {names}: {told}", WHY,
        marks.address, NEUTRAL, paths=marks.pictures, unless=(f"/**{left.ASIDE}",),
    )  # fmt: skip
    if marks.way == DIVERT:
        yield Rule(
            f"{family.name}-package", WARNING, f"no package holds pictures of {names}: {told}", WHY,
            marks.address, NEUTRAL, look=_installed(marks),
        )  # fmt: skip
        yield Rule(
            f"{family.name}-vendor", WARNING, f"dpkg knows it by another name than {names}: {told}",
            WHY, marks.address, BRAND, look=_vendor(marks),
        )  # fmt: skip


RULES = tuple(rule for family in FAMILIES for rule in of_family(family))
