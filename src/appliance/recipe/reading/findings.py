"""What reading a kickstart turned up: problems for its author to solve, and notes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

from appliance.errors import RecipeError, Where
from appliance.recipe.model import Note

Given = TypeVar("Given")
Made = TypeVar("Made")


class AbsentError(RecipeError):
    """A line needs another one, which is not there; a file that is still to be included may have
    it."""


@dataclass
class Findings:
    """Collected while reading goes on, so that an author sees every problem at once; *kickstart* is
    the file that is read."""

    kickstart: Path
    problems: list[RecipeError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    kinds: dict[str, list[Where]] = field(default_factory=dict)
    awaited: dict[str, Where] = field(default_factory=dict)

    def await_file(self, name: str, where: Where) -> None:
        """Remember that the line at *where* includes *name*, which a %pre is to write."""
        self.awaited.setdefault(name, where)

    def problem(self, text: str, where: Where | None, hint: str = "") -> None:
        """Remember a problem that the author has to solve; reading goes on."""
        self.problems.append(RecipeError(text, hint=hint, where=where))

    def absent(self, text: str, where: Where | None, hint: str = "") -> None:
        """Remember that a line, or the whole file, needs another one, which is not there."""
        place = where or Where(self.kickstart, 1)
        self.problems.append(AbsentError(text, hint=hint, where=place))

    def note(self, text: str, where: Where, *, command: str = "") -> None:
        """Remember something that has no effect, once; *command* is what it is about."""
        note = Note(text, where, command)
        if note not in self.notes:
            self.notes.append(note)

    def to_come(self) -> list[Note]:
        """Return a note for each file that a %pre is to write."""
        return [
            Note(f"{name} is what a %pre writes: a build runs that first", where)
            for name, where in self.awaited.items()
        ]

    def outdated(self, advice: str, where: Where) -> None:
        """Remember something that is understood, but should be written in another way."""
        self.kinds.setdefault(advice, []).append(where)

    def advice(self) -> list[Note]:
        """Return one note for each kind of what is outdated: how often, and where first."""
        return [
            Note(advice if len(places) == 1 else f"{advice} ({len(places)} times)", places[0])
            for advice, places in self.kinds.items()
        ]

    def each(self, make: Callable[[Given], Made], things: Iterable[Given]) -> list[Made]:
        """Make something of each of *things*; those that raise RecipeError become problems."""
        made = []
        for thing in things:
            try:
                made.append(make(thing))
            except RecipeError as error:
                self.problems.append(error)
        return made


@dataclass(frozen=True)
class Said:
    """One command line, parsed.

    *words*: the words of the line, as they are written.
    *options*: the options that the line names.
    *values*: the values of the options, as attributes. A later line of the same command carries the
        values of the earlier ones that it did not replace, where the language says so.
    *where*: where the line stands.
    """

    words: tuple[str, ...]
    options: tuple[str, ...]
    values: SimpleNamespace
    where: Where

    @property
    def command(self) -> str:
        """The first word of the line."""
        return self.words[0]
