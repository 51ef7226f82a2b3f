"""The lines of a kickstart and of all that it includes, each with its true place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import ApplianceError, RecipeError, Where
from appliance.recipe.overrides import Reading
from appliance.recipe.reading.findings import Findings
from appliance.units import MIB

LARGEST_FILE = MIB  # bytes; the longest real kickstarts have some 100 KB
LARGEST_RECIPE = 4 * MIB  # bytes, with everything included
MOST_FILES = 10_000  # with each as often as it is included
MOST_LINES = 1_000_000  # of them all
DEEPEST = 20  # includes within includes
INCLUDES = ("%include", "%ksappend")
LEFT = "/tmp/"  # where a %pre may leave what is included
MEDIUM = ("/run/install/", "/mnt/")  # where an installer mounts what it was started from
PRE = re.compile(r"^%pre\b.*?(?:^%end|\Z)", re.MULTILINE | re.DOTALL)
USUAL = Reading()


class TooMuchError(RecipeError):
    """The recipe is larger than any: reading ends here."""


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


def read(path: Path, findings: Findings, reading: Reading = USUAL) -> tuple[Line, ...]:
    """Return the lines of *path* with every %include and %ksappend replaced by what it names.

    An include is looked for in the working directory, then beside the file that includes it, then
    in the directories of *reading*; a URL is fetched as that says. A line that includes what a %pre
    is still to write stays.
    Raises RecipeError if *path* itself cannot be read; includes that cannot become problems.
    """
    return tuple(_LineReader(findings, reading).lines(path, where=None))


@dataclass
class _LineReader:
    findings: Findings
    reading: Reading
    parents: list[str] = field(default_factory=list)
    size: int = 0
    files: int = 0
    count: int = 0

    def lines(self, path: Path, *, where: Where | None) -> Iterator[Line]:
        """Yield the lines of the file *path*, which the line at *where* includes."""
        text = decode(path, where, self.findings)
        yield from self._split(text, path, str(path.resolve()), where=where)

    def _split(
        self, text: str, path: Path, identity: str, *, where: Where | None
    ) -> Iterator[Line]:
        self.size += len(text)
        self.files += 1
        self.count += text.count("\n") + 1
        if self.size > LARGEST_RECIPE:
            raise TooMuchError("the recipe and its includes exceed 4 MiB", where=where)
        if self.files > MOST_FILES:
            raise TooMuchError(f"more than {MOST_FILES} files are included", where=where)
        if self.count > MOST_LINES:
            raise TooMuchError(f"the recipe has more than {MOST_LINES} lines", where=where)
        self.parents.append(identity)
        for number, each in enumerate(text.removesuffix("\n").split("\n"), start=1):
            line = Line(each.removesuffix("\r"), Where(path, number))
            if line.first_word not in INCLUDES:
                yield line
                continue
            try:
                yield from self._included(line, text)
            except TooMuchError:
                raise  # nothing that is still to be included could mend that
            except RecipeError as error:
                self.findings.problems.append(error)
        self.parents.pop()

    def _included(self, line: Line, text: str) -> Iterator[Line]:
        """Yield the lines of what an %include line names; *text* is that which it stands in."""
        words = line.text.split("#", maxsplit=1)[0].split(maxsplit=1)
        name = words[1].strip().strip("\"'") if len(words) > 1 else ""
        if not name:
            raise RecipeError(f"{line.first_word} names no file", where=line.where)
        if len(self.parents) > DEEPEST:
            raise RecipeError(f"more than {DEEPEST} includes deep", where=line.where)
        if "://" in name:
            if name in self.parents:
                raise RecipeError(f"{name} includes itself", where=line.where)
            yield from self._split(self._fetched(name, line), Path(name), name, where=line.where)
            return
        decided = self.reading.decided
        if decided and name in decided.files:
            if name in self.parents:
                raise RecipeError(f"{name} includes itself", where=line.where)
            yield from self._split(
                decided.files[name], Path(f"{name} (of a %pre)"), name, where=line.where
            )
            return
        found = self._found(name, line, text)
        if found is None:
            self.findings.await_file(name, line.where)
            yield line
            return
        if str(found.resolve()) in self.parents:
            raise RecipeError(f"{found} includes itself", where=line.where)
        yield from self.lines(found, where=line.where)

    def _fetched(self, url: str, line: Line) -> str:
        try:
            text = self.reading.fetch(url)
        except ApplianceError as error:
            raise RecipeError(error.problem, hint=error.hint, where=line.where) from error
        if len(text) > LARGEST_FILE:
            raise RecipeError(f"{url} is larger than 1 MiB: not a kickstart", where=line.where)
        return text

    def _found(self, name: str, line: Line, text: str) -> Path | None:
        """Return the file that *line*, which stands in *text*, includes; None for one that a %pre
        is still to write. Raises RecipeError if there is none."""
        beside = (Path(), line.where.path.parent, *self.reading.include_paths)
        places = dict.fromkeys(directory / name for directory in beside)
        if name.startswith("/"):
            copies = (directory / Path(name).name for directory in self.reading.include_paths)
            places |= dict.fromkeys(copies)
        found = [place for place in places if place.is_file()]
        if found:
            return found[0]
        if name.startswith(LEFT) and self.reading.decided is None:
            return None
        problem, hint = self._missing(name, text, places)
        raise RecipeError(problem, hint=hint, where=line.where)

    def _missing(self, name: str, text: str, places: Iterable[Path]) -> tuple[str, str]:
        """Say why there is no file *name* at any of the *places*, and what to do."""
        if name.startswith(LEFT):
            return f"no %pre wrote {name}", "have a %pre write it, or leave the line out"
        copy = f"--include-path DIRECTORY of {Path(name).name}"
        if name.startswith(MEDIUM):
            return f"{name} is on an installation medium, and there is none", copy
        if any(name in body for body in PRE.findall(text)):
            return f"a %pre can leave files in /tmp only, not {name}", f"{LEFT}{Path(name).name}"
        return f"there is no file to include at {' or '.join(map(str, places))}", copy


def decode(path: Path, where: Where | None, findings: Findings) -> str:
    """Return the text of *path*, UTF-8 or the Latin-1 of old; raise RecipeError if it is not a text
    that can be read."""
    place = where or Where(path, 1)
    try:
        if not path.is_file():
            problem = f"{path} is a directory" if path.is_dir() else f"there is no file {path}"
            raise RecipeError(problem, where=where)
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        if len(raw) > LARGEST_FILE:
            raise RecipeError(f"{path} is larger than 1 MiB: not a kickstart", where=where)
        text = _text(raw, path, findings)
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}", where=place) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise RecipeError("a zero byte: this is not a text", where=Where(path, line))
    return text


def _text(raw: bytes, path: Path, findings: Findings) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        advice = "the text is not UTF-8, and taken for Latin-1: iconv -f latin1 -t utf8"
        findings.outdated(advice, Where(path, line))
        return raw.decode("latin-1")
