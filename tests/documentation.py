"""The examples of the documentation, read out of its pages.

Each block is one of: commands, which tests/reader.py types; a kickstart or a product sheet, which
tests/boot/test_documentation.py builds and starts; or what a comment right before it in the
Markdown says, which is not shown:

    <!-- not run: REASON -->     nobody can run it here, and why
    <!-- file: NAME -->          it is written into the file NAME, a kickstart on top of the AOS
    <!-- output -->              what the command before it prints; `…` stands for anything
    <!-- shown in: FILE -->      it is a piece of the file FILE of this project
    <!-- run with: WORDS -->     its commands get these words, too; the tests set $FEDORA and $KEY
    <!-- also run: COMMANDS -->  with no block: what the text supposes, or what shows its promise
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pictures import png

TOP = Path(__file__).parents[1]
FIRST = TOP / "docs/README.md"  # what it shows, readers of how-tos have typed
TUTORIAL = TOP / "docs/tutorial.md"
FOLLOWED = (TOP / "README.md", FIRST, TUTORIAL, *sorted((TOP / "docs/how-to").glob("*.md")))
PAGES = (*FOLLOWED, *sorted((TOP / "docs/explanation").glob("*.md")))
NOT_RUN, FILE, OUTPUT, SHOWN, WITH, ALSO = MARKS = (
    "not run", "file", "output", "shown in", "run with", "also run"
)  # fmt: skip
TYPED, KICKSTART, SHEET = "commands", "kickstart", "sheet"
PART = re.compile(
    rf"^<!-- (?P<word>{'|'.join(MARKS)})(?P<colon>(?:: ?)?)\s*(?P<said>.*?)\s*-->\n"
    r"|^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMAND = re.compile(
    r"(?:(?:\S*/|\$)?(?P<program>appliance(?:-creator)?|virt-image))\s+(?P<rest>.*)"
)
SETTING = re.compile(r"^[A-Z_]+=\S+\s+")  # of the environment, before a command
REST = re.compile(r"\s+[|>]+\s.*")  # where what a command says goes
HERE = re.compile(r"<<'?(\w+)'?$")
BUILDS = re.compile(r"\b(build|run|test|make aos|pip|virt-image|appliance-creator)\b")
HEREDOC = re.compile(r"^cat > \S+\.ks <<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)
KICKSTART_LINES = re.compile(
    r"^(%include|%post|%certificate|part|autopart|clearpart|network|rootpw|user|repo) ?",
    re.MULTILINE,
)
AOS = "aos-debian.ks"
DISKS = re.compile(r"^(part|autopart|clearpart|zerombr)\b.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """A command, with all lines of it: *place* is PAGE:LINE."""

    place: str
    text: str

    def ours(self) -> tuple[str, list[str]] | None:
        """If it is one of our programs: its name, and the words behind it."""
        line = SETTING.sub("", self.text.replace("\\\n", " ").strip())
        line = REST.sub("", line)
        found = COMMAND.fullmatch(line)
        return (found["program"], shlex.split(found["rest"], comments=True)) if found else None


@dataclass(frozen=True)
class Example:
    """A block of a page: *page* and *line* of its first line, *kind* is what stands behind its
    fence, *mark* the word of the comment before it, and *said* the rest of that."""

    page: str
    line: int
    kind: str
    text: str
    mark: str = ""
    said: str = ""

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    def way(self) -> str:
        """How it is tried: a mark, TYPED, KICKSTART or SHEET; empty if it is not."""
        if self.mark and self.mark != WITH:
            return self.mark
        if self.kind:
            return SHEET if self.kind == "toml" else ""
        return KICKSTART if KICKSTART_LINES.match(self.text) else TYPED

    def typed(self) -> Iterator[Typed]:
        """Its commands, each with the lines that it goes on.

        Raises ValueError if the last of them does not end.
        """
        if self.way() not in (TYPED, ALSO):
            return
        held: list[str] = []
        end = ""  # of the here-document that is open
        for number, line in enumerate(self.text.splitlines(), start=self.line):
            held.append(line)
            if found := None if end else HERE.search(line):
                end = found[1]
            elif line == end or not (end or line.endswith("\\")):
                if text := "\n".join(held).strip():
                    yield Typed(f"{self.page}:{number - len(held) + 1}", text)
                held, end = [], ""
        if held:
            raise ValueError(f"{self.place}: its last command never ends")

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Each command of ours in it: the program, and the words behind it."""
        for typed in self.typed():
            if ours := typed.ours():
                yield ours

    def kickstart(self) -> str:
        """The kickstart, or the part of one, that it is or holds; empty if it is none."""
        held = HEREDOC.search(self.text)
        if held or self.kind or self.way() in (TYPED, ALSO, OUTPUT):
            return held[1] if held else ""
        return self.text if KICKSTART_LINES.match(self.text) else ""

    def untried(self) -> str:
        """Why it cannot be said to be tried, or marked; empty if it can."""
        way = self.way()
        if not way:
            return f"a block of {self.kind!r} is nothing that runs: what is it?"
        if way in MARKS and way != OUTPUT and not self.said:
            return f"'{way}' of what? A reason, a name or words are missing"
        if self.mark == WITH and (self.kind or KICKSTART_LINES.match(self.text)):
            return f"'{WITH}' is for commands"
        if way in (TYPED, ALSO) and not list(self.typed()):
            return "there is no command in it"
        return ""


def named(page: Path) -> str:
    """What failures call a page."""
    return str(page.relative_to(TOP)) if page.is_relative_to(TOP) else page.name


def parts(page: Path) -> Iterator[Example]:
    """What is to be done with a page, in order: its blocks, and what is run beside them."""
    text, name = page.read_text(), named(page)
    mark = None
    for found in PART.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        if found["word"] == ALSO:
            said = found["said"]
            yield Example(name, line - (found["colon"] == ": "), "", said, ALSO, said)
        elif found["word"]:
            mark = found
        else:
            before = mark if mark and mark.end() == found.start() else None
            word, said = (before["word"], before["said"]) if before else ("", "")
            yield Example(name, line, found["kind"], found["text"], word, said)


def with_commands(*, built: bool) -> list[Path]:
    """The pages that people follow and that have commands: those where appliances are *built*, or
    the others. What FIRST has is typed before each."""
    found = []
    for page in FOLLOWED:
        texts = [typed.text for part in parts(page) for typed in part.typed()]
        if texts and page != FIRST and any(map(BUILDS.search, texts)) == built:
            found.append(page)
    return found


def examples() -> list[Example]:
    """All blocks of all pages, in order."""
    return [each for page in PAGES for each in parts(page) if each.mark != ALSO]


COMMANDS = [
    (each.place, program, words)
    for page in PAGES
    for each in parts(page)
    for program, words in each.commands()
]
KICKSTARTS = [each for each in examples() if each.kickstart()]
SHEETS = [each for each in examples() if each.kind == "toml"]
# What examples leave out, and what people write there.
LEFT_OUT = {
    "$6$salt$hash…": "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8w"
    "iOQSpT0Y77vwPZN.Pq.H91p5hVO1",
    "AAAA…": "AAAAC3NzaC1lZDI1NTE5AAAAIFVL6ggl4M7z7N0aD1IqqFuMv8V1b9VMVlEYyI8g0Aql",
    "CERTIFICATE-----\n…": "CERTIFICATE-----\n"
    "MIIBOjCB7aADAgECAhQO0+JVL/DdKWUu1MPq8EKoVoquITAFBgMrZXAwEjEQMA4G\n"
    "A1UEAwwHZXhhbXBsZTAgFw0yNjEyMDExNTEwMjJaGA8yMTI2MTEwNzE1MTAyMlow\n"
    "EjEQMA4GA1UEAwwHZXhhbXBsZTAqMAUGAytlcAMhALh4Vmk+Ro2En5OG8qFPH7ll\n"
    "bCNSHBAu5oZN8Ud/L7nKo1MwUTAdBgNVHQ4EFgQUfRupxbpi1chcZnFbo/2VaYn8\n"
    "LSwwHwYDVR0jBBgwFoAUfRupxbpi1chcZnFbo/2VaYn8LSwwDwYDVR0TAQH/BAUw\n"
    "AwEB/zAFBgMrZXADQQDogkdXH7OJzSDjODGLcCpFCOe44YBqHab4ibvww6HQnzB1\n"
    "X2Q+o/G6NvLMD/+QeRwEN6npL3MQUpvUHaWQ6CoF",
}


def bring(place: Path) -> None:
    """Write the files that the pages bring along as their author's own to the directory *place*."""
    for directory in ("shop", "payload", "files/shop"):
        (place / directory).mkdir(parents=True, exist_ok=True)
    for name in ("shop/shop.py", "shop.conf", "files/shop/shop.py"):
        (place / name).write_text("# It sells.\n")
    (place / "first-boot").mkdir(exist_ok=True)
    for name in ("10-database.sh", "20-certificate.sh"):
        (place / "first-boot" / name).write_text("#!/bin/sh -eu\ntrue\n")
    (place / "logo.png").write_bytes(png(16, 16))


def completed(text: str) -> str:
    """A kickstart with what it leaves out."""
    for gap, written in LEFT_OUT.items():
        text = text.replace(gap, written)
    return text


def whole(example: Example, place: Path) -> Path:
    """The kickstart of *example*, written into *place* as people would complete it: on the AOS,
    but with the example's own disks where it has some."""
    text = completed(example.kickstart()).replace("%include kickstarts/", "%include ")
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
