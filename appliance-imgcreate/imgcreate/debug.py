"""What programs say while they work: the module logging, set up by their command line."""

import argparse
import logging
import optparse
import sys
from collections.abc import Sequence
from typing import Any

OPTIONS = {
    "debug": (("-d", "--debug"), "Output debugging information"),
    "verbose": (("-v", "--verbose"), "Output verbose progress information"),
    "quiet": (("-q", "--quiet"), "Suppress stdout"),
    "logfile": (("--logfile",), "Save debug information to PATH"),
}
LEVELS = {"debug": logging.DEBUG, "verbose": logging.INFO}


def setup_logging(parser: Any = None) -> None:
    """Write warnings to stderr; *parser*, of argparse or optparse, gets options for more or less:
    --debug, --verbose, --quiet and --logfile."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    stream = logging.StreamHandler(sys.stderr)
    root.addHandler(stream)
    if isinstance(parser, argparse.ArgumentParser):
        group = parser.add_argument_group("Debugging options")
        for name, (words, text) in OPTIONS.items():
            nargs = None if name == "logfile" else 0
            group.add_argument(*words, action=_Told, stream=stream, nargs=nargs, help=text)
    elif isinstance(parser, optparse.OptionParser):
        old = optparse.OptionGroup(parser, "Debugging options")
        for name, (words, text) in OPTIONS.items():
            kind = "string" if name == "logfile" else None
            old.add_option(
                *words, action="callback", type=kind, help=text, callback=_told,
                callback_args=(name, stream), metavar="PATH" if kind else None,
            )  # fmt: skip
        parser.add_option_group(old)


class _Told(argparse.Action):
    """One of the options, of argparse."""

    def __init__(
        self, option_strings: Sequence[str], dest: str, stream: logging.Handler, **words: Any
    ) -> None:
        super().__init__(option_strings, dest, **words)
        self.stream = stream

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Set the log's level or its file, as the option *option_string* says."""
        try:
            obey(self.dest, values, self.stream)
        except OSError as error:
            parser.error(f"Cannot open file '{values}' : {error.strerror}")
        setattr(namespace, self.dest, values or True)


def _told(
    option: Any, word: str, value: Any, parser: Any, name: str, stream: logging.Handler
) -> None:
    del option, word
    try:
        obey(name, value, stream)
    except OSError as error:
        raise optparse.OptionValueError(f"Cannot open file '{value}' : {error.strerror}") from error
    setattr(parser.values, name, value or True)


def obey(name: str, value: Any, stream: logging.Handler) -> None:
    """Set up logging as the option *name* says; raises OSError if a log cannot be opened."""
    root = logging.getLogger()
    if name in LEVELS:
        root.setLevel(min(root.level, LEVELS[name]))
    elif name == "quiet":
        root.removeHandler(stream)
    else:
        root.addHandler(logging.FileHandler(value, "a"))
