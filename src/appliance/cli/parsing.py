"""What is wrong with a command line, said as all other errors are: one line, and what to try."""

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from appliance.errors import RequestError

CHOICE = re.compile(r"invalid choice: '([^']*)' \(choose from (.*)\)")
UNKNOWN = re.compile(r"unrecognized arguments: (-[^\s=]*)")
WORD = re.compile(r"[A-Za-z0-9][\w.-]*")


class Parser(argparse.ArgumentParser):
    """Refuses what it does not know by itself, not by the command above it, without the pages of
    its usage."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """See ArgumentParser; what is not known is an error here, too."""
        options, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown

    def error(self, message: str) -> NoReturn:
        """Say *message* and the nearest word that there is; exit."""
        tries = self._nearest(message) or f"{self.prog} --help"
        self.exit(RequestError.exit_code, f"{self.prog}: {message}\n  try: {tries}\n")

    def _nearest(self, message: str) -> str:
        said, known = "", list[str]()
        if found := CHOICE.search(message):
            said, known = found[1], WORD.findall(found[2])
        elif found := UNKNOWN.search(message):
            said, known = found[1], [word for word in self._option_string_actions if word]
        return "".join(get_close_matches(said, known, n=1))
