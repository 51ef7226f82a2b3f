"""What is wrong with a command line, said as all other errors are: one line, and what to try."""

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from appliance.cli.help import Example, add_help, examples
from appliance.cli.options.option import Option
from appliance.cli.printable import printable
from appliance.errors import RequestError

CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
VALUELESS = re.compile(r"expected (one|at least one) argument")
UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]*)")
WORD = re.compile(r"[A-Za-z0-9][\w.-]*")


class Parser(argparse.ArgumentParser):
    """Refuses what it does not know by itself, not by the command above it, without the pages of
    its usage. Values that an option refuses are RequestErrors: see options.option.

    *most*: the options that --help shows, if there are too many for one look; empty for all.
    *examples*: what the command's help and its manual page end with.
    """

    def __init__(
        self, *, most: Sequence[Option] = (), examples: Sequence[Example] = (), **words: Any
    ) -> None:
        # Errors: it raises ArgumentError, then.
        super().__init__(**{**words, "exit_on_error": False, "add_help": False})
        self.most, self.examples = tuple(most), tuple(examples)
        add_help(self)

    def format_help(self) -> str:
        """Everything that there is to say: what --help-all prints."""
        return super().format_help() + examples(self.examples)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse as ArgumentParser does; an unknown argument ends the program with a message,
        too. The words of another program's command are kept from it: argparse knows no command
        whose options are not its own without `--` before it."""
        words = list(sys.argv[1:] if args is None else args)
        begins = self._rest_begins(words)
        try:
            options, unknown = super().parse_known_args(words[:begins], namespace)
            rest = words[begins + (words[begins : begins + 1] == ["--"]) :]
            for action in self._rests() if rest else ():
                setattr(options, action.dest, [self._get_value(action, word) for word in rest])
        except argparse.ArgumentError as error:
            self._refuse(error)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown

    def _rests(self) -> list[argparse.Action]:
        """The argument that takes all words from its first on, if there is one."""
        actions = self._get_positional_actions()
        return [each for each in actions if isinstance(each.type, Option) and each.type.rest]

    def _rest_begins(self, words: list[str]) -> int:
        """The number of words before the first that is such an argument's."""
        if not self._rests():
            return len(words)
        before, value = len(self._get_positional_actions()) - 1, False
        for index, word in enumerate(words):
            if value:
                value = False
            elif word == "--":
                return index
            elif word.startswith("-") and word != "-":
                action = self._option_string_actions.get(word)
                value = action is not None and action.nargs != 0
            elif before:
                before -= 1
            else:
                return index
        return len(words)

    def error(self, message: str) -> NoReturn:
        """Say *message*, and the option that was meant if one is near; exit."""
        found = UNKNOWN.search(message)
        known = [
            word
            for word, action in self._option_string_actions.items()
            if action.help is not argparse.SUPPRESS
        ]
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
