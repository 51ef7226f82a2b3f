"""What can stand where in a command line, as values that every shell's completion is made of."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.cli.help import shown_options
from appliance.cli.options.option import Kind, Option
from appliance.cli.parsing import Parser

FILES, DIRECTORIES = "files", "directories"


@dataclass(frozen=True)
class Offer:
    """What a shell offers in one place; nothing, for a number or a text.

    *called*: how help calls what stands there.
    *words*: the words that are known.
    *names*: FILES or DIRECTORIES if their names may stand there, too; else empty.
    *several*: True if commas may stand between words.
    """

    called: str
    words: tuple[str, ...] = ()
    names: str = ""
    several: bool = False


@dataclass(frozen=True)
class OfferedOption:
    """An option that a shell offers: all its *names*, what it is for (*text*), what stands behind
    it (None: it is a switch), and whether it may be given several times (*repeat*)."""

    names: tuple[str, ...]
    text: str
    value: Offer | None
    repeat: bool


@dataclass(frozen=True)
class OfferedCommand:
    """A program or a command of one, by the words that people type (*path*), with its options, its
    *arguments* in their order, whether the last of them may be repeated (*many*), and the commands
    *below* it."""

    path: tuple[str, ...]
    text: str
    options: tuple[OfferedOption, ...]
    arguments: tuple[Offer, ...] = ()
    many: bool = False
    below: tuple["OfferedCommand", ...] = ()

    def everything(self) -> Iterator["OfferedCommand"]:
        """The command itself, and all that are below it."""
        yield self
        for command in self.below:
            yield from command.everything()


def offered(parser: Parser, text: str = "") -> OfferedCommand:
    """Describe a program or a command; *text* says what it is for."""
    arguments = [each for each in parser._get_positional_actions() if each.type]
    below: list[OfferedCommand] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts = {choice.dest: choice.help or "" for choice in action._choices_actions}
            below += (offered(each, texts[name]) for name, each in action.choices.items())
    helps = [each for each in parser._actions if isinstance(each, argparse._HelpAction)]
    shown = [each for each in helps if each.help is not argparse.SUPPRESS]
    return OfferedCommand(
        path=tuple(parser.prog.split()),
        text=text,
        options=tuple(map(_option, (*shown, *shown_options(parser)))),
        arguments=tuple(map(_offer, arguments)),
        many=bool(arguments) and arguments[-1].nargs in ("+", "*"),
        below=tuple(below),
    )


def _option(action: argparse.Action) -> OfferedOption:
    declared = action.type if isinstance(action.type, Option) else None
    several = bool(declared and declared.kind and declared.kind.several)
    return OfferedOption(
        names=tuple(action.option_strings),
        text=declared.text if declared else (action.help or "").replace("%%", "%"),
        value=_offer(action) if declared else None,
        repeat=several or bool(declared and declared.repeat),
    )


def _offer(action: argparse.Action) -> Offer:
    declared = action.type
    assert isinstance(declared, Option)
    kind = declared.kind
    assert kind is not None
    called = declared.metavar or kind.name
    return Offer(called, kind.known, _names(kind), kind.several)


def _names(kind: Kind) -> str:
    if kind.files:
        return FILES
    return DIRECTORIES if kind.directories else ""
