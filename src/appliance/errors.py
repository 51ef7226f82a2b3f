"""Every error that a user can meet. Which class: who has to act on it."""

from dataclasses import dataclass
from pathlib import Path

from appliance.masking import masked


@dataclass(frozen=True)
class Where:
    """A place in a file that the user wrote; line 0: the file as a whole, or an option."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


class ApplianceError(Exception):
    """A failure that we foresaw: what is wrong, where, what the tool said, what to do next.

    *tail* holds the last lines of the program that failed, if one did. None of the texts shows a
    password of a URL.
    """

    exit_code = 1

    def __init__(
        self,
        problem: str,
        *,
        hint: str = "",
        where: Where | None = None,
        tail: tuple[str, ...] = (),
    ) -> None:
        super().__init__(masked(problem))
        self.problem, self.hint, self.where = masked(problem), masked(hint), where
        self.tail = tuple(map(masked, tail))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        said = "".join(f"\n  | {line}" for line in self.tail)
        return f"{place}{self.problem}{said}" + (f"\n  try: {self.hint}" if self.hint else "")


class RequestError(ApplianceError):
    """Whoever typed the command must change it."""

    exit_code = 2


class RecipeError(ApplianceError):
    """The author of the kickstart must change it."""

    exit_code = 2


class GrammarError(RecipeError):
    """What is written is not kickstart, whatever was meant."""


class HostError(ApplianceError):
    """The owner of this machine must install, free or allow something."""

    exit_code = 3


class CommandError(ApplianceError):
    """A tool or a script refused. *tail* is what it said, so nobody needs to run it again."""

    exit_code = 4


class BootError(ApplianceError):
    """The appliance did not boot, or did not let us in."""

    exit_code = 5


class CatalogError(ApplianceError):
    """Not raised yet: kept, with its exit code, for catalogs in which appliances are published.
    Whoever publishes the catalog will have to repair it."""

    exit_code = 6


class SourceError(ApplianceError):
    """Repositories, keys, downloads or the lock do not give what was asked for."""

    exit_code = 7


KINDS: dict[str, type[ApplianceError]] = {
    kind.__name__: kind
    for kind in (
        RequestError,
        RecipeError,
        HostError,
        CommandError,
        BootError,
        CatalogError,
        SourceError,
    )
}
