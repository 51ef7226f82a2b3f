"""The examples of the documentation, read out of its pages."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[1]
PAGES = (
    TOP / "README.md",
    TOP / "docs/tutorial.md",
    *sorted((TOP / "docs/explanation").glob("*.md")),
    *sorted((TOP / "docs/how-to").glob("*.md")),
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"(?:(?:\S*/|\$)?(?P<program>appliance(?:-creator)?|virt-image))\s+(?P<rest>.*)"
)
SETTING = re.compile(r"^[A-Z_]+=\S+\s+")  # of the environment, before a command
HEREDOC = re.compile(r"^cat > \S+\.ks <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
KICKSTART = re.compile(
    r"^(%include|%post|%certificate|part|autopart|clearpart|network|rootpw|user) ?", re.MULTILINE
)
SHEET = "toml"
AOS = "aos-debian.ks"
DISKS = re.compile(r"^(part|autopart|clearpart|zerombr)\b.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A block of a page: *place* is PAGE:LINE, *kind* what stands behind its fence."""

    place: str
    kind: str
    text: str

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Each command of ours in it: the program, and the words behind it."""
        if self.kind:
            return
        for line in HEREDOC.sub("", self.text).replace("\\\n", " ").splitlines():
            if found := COMMAND.fullmatch(SETTING.sub("", line.strip())):
                yield found["program"], shlex.split(found["rest"], comments=True)

    def kickstart(self) -> str:
        """The kickstart, or the part of one, that it is or holds; empty if it is none."""
        held = HEREDOC.search(self.text)
        if held or self.kind or any(self.commands()):
            return held[1] if held else ""
        return self.text if KICKSTART.match(self.text) else ""


def examples() -> list[Example]:
    """All blocks of all pages, in order."""
    return [
        Example(
            f"{page.relative_to(TOP)}:{text.count(chr(10), 0, found.start()) + 1}",
            found[1],
            found[2],
        )
        for page in PAGES
        for text in [page.read_text()]
        for found in BLOCK.finditer(text)
    ]


COMMANDS = [
    (each.place, program, words) for each in examples() for program, words in each.commands()
]
KICKSTARTS = [each for each in examples() if each.kickstart()]
SHEETS = [each for each in examples() if each.kind == SHEET]
# Examples that leave something out, so that nobody can build them as they stand.
LEFT_OUT = "…"


def bring(place: Path) -> None:
    """Write the files that the pages bring along as their author's own to the directory *place*."""
    for directory in ("shop", "payload", "files/shop"):
        (place / directory).mkdir(parents=True, exist_ok=True)
    for name in ("shop/shop.py", "shop.conf", "files/shop/shop.py"):
        (place / name).write_text("# It sells.\n")
    (place / "first-boot").mkdir(exist_ok=True)
    for name in ("10-database.sh", "20-certificate.sh"):
        (place / "first-boot" / name).write_text("#!/bin/sh -eu\ntrue\n")


def whole(example: Example, place: Path) -> Path:
    """The kickstart of *example*, written into *place* as people would complete it: on the AOS,
    but with the example's own disks where it has some."""
    text = example.kickstart().replace("%include kickstarts/", "%include ")
    base = (TOP / "kickstarts" / AOS).read_text()
    if DISKS.search(text):
        base = DISKS.sub("", base)
    (place / AOS).write_text(base)
    if f"%include {AOS}" not in text:
        text = f"%include {AOS}\n{text}"
    path = place / "example.ks"
    path.write_text(text)
    bring(place)
    return path
