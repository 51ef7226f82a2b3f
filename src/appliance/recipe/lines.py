"""The lines of a kickstart and of all that it includes, each with its true place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import RecipeError, Where
from appliance.recipe.findings import Findings
from appliance.units import MIB

LARGEST_FILE = MIB  # bytes; the longest real kickstarts have some 100 KB
LARGEST_RECIPE = 4 * MIB  # bytes, with everything included
DEEPEST = 20  # includes within includes


@dataclass(frozen=True)
class Line:
    """One line, without its end."""

    text: str
    where: Where

    @property
    def first_word(self) -> str:
        """The first word, empty for blank lines and comments."""
        words = self.text.split(maxsplit=1)
        return words[0] if words and not words[0].startswith("#") else ""


def read(path: Path, findings: Findings) -> tuple[Line, ...]:
    """Return the lines of *path* with every %include replaced by what it names.

    An include is looked for beside the file that includes it, then in the working directory.
    Raises RecipeError if *path* itself cannot be read; includes that cannot become problems.
    """
    return tuple(_Reader(findings).lines(path, where=None))


@dataclass
class _Reader:
    findings: Findings
    parents: list[Path] = field(default_factory=list)
    size: int = 0

    def lines(self, path: Path, *, where: Where | None) -> Iterator[Line]:
        """Yield the lines of *path*, which the line at *where* includes."""
        text = decode(path, where)
        self.size += len(text)
        if self.size > LARGEST_RECIPE:
            raise RecipeError("the recipe and its includes exceed 4 MiB", where=where)
        self.parents.append(path.resolve())
        for number, each in enumerate(text.removesuffix("\n").split("\n"), start=1):
            line = Line(each.removesuffix("\r"), Where(path, number))
            if line.first_word != "%include":
                yield line
                continue
            try:
                yield from self.lines(self.included(line), where=line.where)
            except RecipeError as error:
                self.findings.problems.append(error)
        self.parents.pop()

    def included(self, line: Line) -> Path:
        """Return the file that an %include line names."""
        words = line.text.split("#", maxsplit=1)[0].split(maxsplit=1)
        name = words[1].strip().strip("\"'") if len(words) > 1 else ""
        if not name:
            raise RecipeError("%include names no file", where=line.where)
        if "://" in name:
            raise RecipeError(
                f"%include cannot read from the network: {name}",
                hint="download the file and include it by its path",
                where=line.where,
            )
        places = dict.fromkeys((line.where.path.parent / name, Path(name)))
        found = [place for place in places if place.is_file()]
        if not found:
            raise RecipeError(
                f"there is no file to include at {' or '.join(map(str, places))}",
                hint="put it beside this file; files that %pre would write do not exist here",
                where=line.where,
            )
        if found[0].resolve() in self.parents:
            raise RecipeError(f"{found[0]} includes itself", where=line.where)
        if len(self.parents) > DEEPEST:
            raise RecipeError(f"more than {DEEPEST} includes deep", where=line.where)
        return found[0]


def decode(path: Path, where: Where | None) -> str:
    """Return the text of *path*; raise RecipeError if it is not a text that can be read."""
    place = where or Where(path, 1)
    try:
        if not path.is_file():
            raise RecipeError(f"there is no file {path}", where=where)
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise RecipeError(f"{path} is larger than 1 MiB: not a kickstart", where=where)
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RecipeError(
            "the text is not UTF-8", hint=f"iconv -t UTF-8 {path}", where=Where(path, line)
        ) from error
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}", where=place) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise RecipeError("a zero byte: this is not a text", where=Where(path, line))
    return text
