"""What is wrong with a command line, said as all other errors are: one line, and what to try."""

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from appliance.cli.options.option import Option
from appliance.cli.printable import printable
from appliance.errors import RequestError

CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
VALUELESS = re.compile(r"expected (one|at least one) argument")
UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]*)")
WORD = re.compile(r"[A-Za-z0-9][\w.-]*")


class Parser(argparse.ArgumentParser):
    """Refuses what it does not know by itself, not by the command above it, without the pages of
    its usage. Values that an option refuses are RequestErrors: see options.option."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**{**words, "exit_on_error": False})  # it raises ArgumentError, then

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as ArgumentParser does; an unknown argument ends the program with a message,
        too."""
        try:
            options, unknown = super().parse_known_args(args, namespace)
        except argparse.ArgumentError as error:
            self._refuse(error)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        """Say *message*, and the option that was meant if one is near; exit."""
        found = UNKNOWN.search(message)
        known = [word for word in self._option_string_actions if word]
        near = get_close_matches(found[1], known, n=1) if found else []
        self._end(message, "".join(near) or f"{self.prog} --help")

    def _refuse(self, error: argparse.ArgumentError) -> NoReturn:
        """Say what is wrong with one option or argument, and how it is given; exit."""
        name = (error.argument_name or "").split("/")[-1]
        if found := CHOICE.search(error.message):
            if found[1] == "help":
                self._end("there is no command 'help'", f"{self.prog} --help")
            known = WORD.findall(found[2])
            near = get_close_matches(found[1], known, n=1) or known
            self._end(f"there is no {name.lower()} '{found[1]}'", ", ".join(near))
        action = self._option_string_actions.get(name)
        if action and isinstance(action.type, Option) and VALUELESS.search(error.message):
            self._end(f"{name}: a value is missing", action.type.tried)
        self.error(f"{name}: {error.message}" if name else error.message)

    def _end(self, message: str, tries: str) -> NoReturn:
        self.exit(RequestError.exit_code, f"{self.prog}: {printable(message)}\n  try: {tries}\n")
