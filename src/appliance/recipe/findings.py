"""What reading a kickstart turned up: problems for its author to solve, and notes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TypeVar

from appliance.errors import RecipeError, Where
from appliance.recipe.model import Note

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass
class Findings:
    """Collected while reading goes on, so that an author sees every problem at once."""

    problems: list[RecipeError] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def problem(self, text: str, where: Where | None, hint: str = "") -> None:
        """Remember a problem."""
        self.problems.append(RecipeError(text, hint=hint, where=where))

    def note(self, text: str, where: Where) -> None:
        """Remember something that has no effect, once."""
        note = Note(text, where)
        if note not in self.notes:
            self.notes.append(note)

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
    """One command line, parsed: *words* as written, *options* named, *values* by attribute.

    A later line of the same command carries the values of the earlier ones that it did not
    replace, where the language says so.
    """

    words: tuple[str, ...]
    options: tuple[str, ...]
    values: SimpleNamespace
    where: Where

    @property
    def command(self) -> str:
        """The first word of the line."""
        return self.words[0]
