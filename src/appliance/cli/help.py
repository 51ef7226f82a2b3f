"""What `--help` says: of a command with many options those that most need, and examples."""

import argparse
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from appliance.cli.parsing import Parser

NARROWEST = 20  # columns; argparse folds its own text no further, either


@dataclass(frozen=True)
class Example:
    """A command line that is worth showing. Help, manual page and tests take it from here.

    *text*: what it is for, as a heading: no full stop.
    *command*: the whole line, as a shell reads it.
    """

    text: str
    command: str

    @property
    def words(self) -> list[str]:
        """The words that the program gets, without its name and without what the shell takes."""
        return shlex.split(self.command.partition(" >")[0])[1:]


class Help(argparse._HelpAction):
    """`--help`: the options that most need, where a command says which; else all of them."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it, and exit with 0."""
        parser._print_message(brief(parser), sys.stdout)  # type: ignore[arg-type]
        parser.exit()


class HelpAll(argparse._HelpAction):
    """`--help-all`: every option, whatever a command says."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print it, and exit with 0."""
        parser._print_message(parser.format_help(), sys.stdout)
        parser.exit()


def add_help(parser: "Parser") -> None:
    """Give *parser* its options --help and --help-all; the latter is shown where it says more."""
    less, more = ("show this help and exit", argparse.SUPPRESS)
    if parser.most:
        less, more = ("show the options that most need, and exit", "show every option, and exit")
    parser.add_argument("-h", "--help", action=Help, help=less)
    parser.add_argument("--help-all", action=HelpAll, help=more)


def brief(parser: "Parser") -> str:
    """The help of a command, with no options but those that most need."""
    if not parser.most:
        return parser.format_help()
    formatter = parser._get_formatter()
    arguments = parser._get_positional_actions()
    said = " ".join(formatter._format_args(each, each.dest) for each in arguments)
    formatter.add_usage(f"%(prog)s [options] {said}", arguments, [])
    formatter.add_text(parser.description)
    most = [parser._option_string_actions[option.name] for option in parser.most]
    helps = [each for each in parser._actions if isinstance(each, argparse._HelpAction)]
    for title, actions in (("arguments", arguments), ("options", [*most, *helps])):
        formatter.start_section(title)
        formatter.add_arguments(actions)
        formatter.end_section()
    count = len(list(shown_options(parser)))
    formatter.add_text(f"`{parser.prog} --help-all` shows all {count} options.")
    return formatter.format_help() + examples(parser.examples)


def shown_options(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """The options of a command that its help tells, without those that print help."""
    for action in parser._actions:
        shown = action.help is not argparse.SUPPRESS and action.option_strings
        if shown and not isinstance(action, argparse._HelpAction):
            yield action


def examples(declared: Sequence[Example]) -> str:
    """The end of a help text. A command stays on one line, however narrow the terminal is."""
    if not declared:
        return ""
    width = max(shutil.get_terminal_size().columns - 2, NARROWEST)
    lines = ["", "examples:"]
    for each in declared:
        lines += textwrap.wrap(f"{each.text}:", width, initial_indent="  ", subsequent_indent="  ")
        lines.append(f"    {each.command}")
    return "\n".join(lines) + "\n"
