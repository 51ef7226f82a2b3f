"""An option of the command line as a value: its names, what may stand behind it, its help."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.errors import RequestError


@dataclass(frozen=True)
class Kind:
    """What may stand behind an option.

    *name*: what this kind of value is called.
    *metavar*: how help calls the value, unless an option says it better.
    *read*: makes a value of the text; raises ValueError or RequestError with the reason why it
        cannot.
    *known*: the words that a shell offers to complete the value.
    *files*: True if a shell offers the names of files.
    *directories*: True if a shell offers the names of directories only.
    *several*: True if commas may stand between values; *read* then returns a list.
    *secret*: True if no message repeats what was typed.
    """

    name: str
    metavar: str
    read: Callable[[str], Any]
    known: tuple[str, ...] = ()
    files: bool = False
    directories: bool = False
    several: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Option:
    """One option of the command line, or one argument if its name has no dashes.

    *names*: all its names, as people type them.
    *text*: what it is for, as help says it; an option without a text is accepted, and not shown.
    *kind*: what may stand behind it; None makes it a switch.
    *usual*: what holds without it, as help says it.
    *example*: an example of a value, for help.
    *default*: its value if it is not typed; a function, if that depends on this machine, is called
        when a command is typed.
    *value*: what a switch sets.
    *metavar*: how help calls its value, if not as the kind does.
    *field*: where argparse puts its value, if not under the first long name.
    *number*: argparse's nargs; empty for one value.
    *repeat*: True if it may be given several times.
    *required*: True if it must be given.
    *old*: names that it had once; they are accepted, and nothing shows them.
    *rest*: True for an argument that takes all words from its first on, whatever they begin with.
    """

    names: tuple[str, ...]
    text: str
    kind: Kind | None = None
    usual: str = ""
    example: str = ""
    default: Any = None
    value: Any = True
    metavar: str = ""
    field: str = ""
    number: str = ""
    repeat: bool = False
    required: bool = False
    rest: bool = False
    old: tuple[str, ...] = ()

    def __call__(self, text: str) -> Any:
        """Make a value of what was typed, as argparse's `type`. Argparse asks for its default as if
        it had been typed; so "" may be typed where it is the default, and says nothing then.

        Raises RequestError in the one shape that all options have: OPTION VALUE: REASON.
        """
        assert self.kind is not None
        if text == self.standing:
            return text
        try:
            return self.kind.read(text)
        except RequestError as error:
            raise self._refused(text, error.problem, error.hint) from None
        except ValueError as error:
            raise self._refused(text, str(error), "") from None
        except OSError as error:  # a name that is too long, a directory of others
            raise self._refused(text, str(error.strerror), "") from None

    def _refused(self, text: str, reason: str, hint: str) -> RequestError:
        shown = () if self.kind and self.kind.secret else (text or "''",)
        words = (*((self.name,) if self.dashed else ()), *shown)
        return RequestError(f"{' '.join(words)}: {reason}", hint=hint or self.tried)

    @property
    def standing(self) -> Any:
        """The value of the option if it is not typed."""
        return self.default() if callable(self.default) else self.default

    @property
    def name(self) -> str:
        """What it is called in messages: the longest of its names."""
        return self.names[-1]

    @property
    def dashed(self) -> bool:
        """False for an argument, which has no name that anybody types."""
        return self.name.startswith("-")

    @property
    def tried(self) -> str:
        """The option with its example, as people type it."""
        return f"{self.name} {self.example}" if self.dashed else self.example

    @property
    def help(self) -> str:
        """The whole help text of the option, as people read it."""
        repeat = self.repeat or bool(self.kind and self.kind.several)
        remarks = [
            f"default: {self.usual}" if self.usual else "",
            f"example: {self.tried}" if self.example else "",
            "repeatable" if repeat and self.dashed else "",
        ]
        said = "; ".join(remark for remark in remarks if remark)
        return f"{self.text} ({said})" if said else self.text

    def add_to(self, container: argparse._ActionsContainer) -> None:
        """Add the option to a parser, or to a group of its options."""
        words: dict[str, Any] = {"help": self.help.replace("%", "%%") or argparse.SUPPRESS}
        if self.field:
            words["dest"] = self.field
        if self.number:
            words["nargs"] = self.number
        if self.required:
            words["required"] = True
        if self.kind is None:
            default = False if self.value is True else self.default
            words |= {"action": "store_const", "const": self.value, "default": default}
        else:
            metavar = self.metavar or self.kind.metavar
            words |= {"type": self, "metavar": metavar, "default": self.standing}
        if self.kind and (self.repeat or self.kind.several):
            words |= {"action": "extend" if self.kind.several else "append", "default": []}
        action = container.add_argument(*self.names, **words)
        if self.old:
            words |= {"dest": action.dest, "help": argparse.SUPPRESS, "required": False}
            container.add_argument(*self.old, **words)


@dataclass(frozen=True)
class Group:
    """Options that help shows together, under a *title*."""

    title: str
    options: tuple[Option, ...]
    text: str = ""


def add(parser: argparse.ArgumentParser, *wanted: Option | Group) -> None:
    """Add the options that a command has to *parser*, in this order."""
    for each in wanted:
        if isinstance(each, Option):
            each.add_to(parser)
        else:
            add_all(parser.add_argument_group(each.title, each.text or None), each.options)


def add_all(container: argparse._ActionsContainer, options: Sequence[Option]) -> None:
    """Add *options* to a group, or to a set of options that exclude each other."""
    for option in options:
        option.add_to(container)
