"""Manual pages, man(7), out of the command line's own words."""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from appliance import __version__
from appliance.cli import COMMANDS, EXIT_CODES, creator, parser, virt_image
from appliance.cli.help import Example
from appliance.cli.parsing import Parser

ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "the build's moment, in seconds since 1970, instead of the repositories'",
    "APPLIANCE_STORE_LIMIT": "size that the store has at most after a build, such as 50GiB "
    "(default: a fifth of its disk, at most 20GiB)",
    "XDG_CACHE_HOME": "the store is the directory appliance in it (default: ~/.cache)",
}
PROGRAMS = {"appliance-creator": "appliance-build", "virt-image": "appliance-run"}


def pages() -> dict[str, str]:
    """Every manual page, by the name of its file: one for each program, and for each command."""
    whole = parser(everything=True)
    commands = {f"appliance-{name}": commands_of(whole)[name] for name in COMMANDS}
    made = {"appliance": page(whole, "appliance", see=[*PROGRAMS])}
    for (name, command), short in zip(commands.items(), COMMANDS.values(), strict=True):
        made[name] = page(command, name, short, see=["appliance", *old(name)])
    for program, like in zip(
        (creator.parser(), virt_image.parser()), PROGRAMS.values(), strict=True
    ):
        made[program.prog] = page(program, program.prog, see=["appliance", like])
    return {f"{name}.1": text for name, text in made.items()}


def old(name: str) -> list[str]:
    """The program of old times that does what the command with this page does."""
    return [program for program, like in PROGRAMS.items() if like == name]


def write(place: Path) -> None:
    """Write every manual page into the directory *place*."""
    place.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (place / name).write_text(text)


def page(program: Parser, name: str, short: str = "", *, see: Sequence[str]) -> str:
    """The manual page, called *name*, of a program or a command; *short* is what it does, if its
    description does not begin with that, *see* names other pages worth reading."""
    what = short or re.split(r"[:;.] ", program.description or "")[0].rstrip(".")
    lines = [
        f'.TH {plain(name.upper())} 1 "" "appliance-tools {__version__}" "User Commands"',
        ".SH NAME",
        f"{plain(name)} \\- {plain(what[0].lower() + what[1:])}",
        ".SH SYNOPSIS",
        synopsis(program),
        ".SH DESCRIPTION",
        paragraph(program.description or ""),
        *options(program, heading=".SH"),
        *commands(program),
        ".SH EXIT STATUS",
        paragraph(f"0 if all is well. {EXIT_CODES}"),
        ".SH ENVIRONMENT",
    ]
    for variable, text in ENVIRONMENT.items():
        lines += [".TP", f"\\fB{plain(variable)}\\fR", paragraph(text)]
    lines += [*examples(program.examples), ".SH SEE ALSO", ", ".join(map(_page, see))]
    return "\n".join(line for line in lines if line) + "\n"


def commands(program: Parser) -> Iterator[str]:
    """The commands of a *program*: those with a page of their own are named, the others told."""
    below = commands_of(program)
    if below:
        yield ".SH COMMANDS"
    for name, command in below.items():
        if name in COMMANDS:
            yield from (".TP", _page(f"appliance-{name}"), paragraph(_sentence(COMMANDS[name])))
        else:
            yield from (f'.SS "{plain(command.prog)}"', synopsis(command), ".PP")
            yield paragraph(command.description or "")
            yield from options(command, heading=".PP")


def commands_of(program: Parser) -> dict[str, Parser]:
    """The commands of a *program*, by their names."""
    return {
        name: command
        for action in program._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, command in action.choices.items()
    }


def examples(declared: Sequence[Example]) -> Iterator[str]:
    """The section of examples: what each is for, and the line as people type it."""
    if declared:
        yield ".SH EXAMPLES"
    for each in declared:
        yield from (".PP", paragraph(f"{_sentence(each.text)[:-1]}:"))
        yield from (".PP", ".RS 4", ".EX", plain(each.command), ".EE", ".RE")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _page(name: str) -> str:
    return f"\\fB{plain(name)}\\fR(1)"


def synopsis(program: Parser) -> str:
    """The words of a command, without its options."""
    words = [f"\\fB{plain(program.prog)}\\fR", "[\\fIOPTION\\fR]..."]
    for action in program._actions:
        if isinstance(action, argparse._SubParsersAction):
            words += [f"\\fI{plain(str(action.metavar))}\\fR ..."]
        elif not action.option_strings:
            words.append(f"\\fI{plain(_value(action))}\\fR")
        elif action.required:
            words.append(
                f"\\fB{plain(action.option_strings[0])}\\fR \\fI{plain(_value(action))}\\fR"
            )
    return " ".join(words)


def options(program: Parser, *, heading: str) -> Iterator[str]:
    """Every option of a command, group by group."""
    formatter = program._get_formatter()
    for group in program._action_groups:
        actions = [
            action
            for action in group._group_actions
            if action.help is not argparse.SUPPRESS
            and not isinstance(action, argparse._SubParsersAction | argparse._HelpAction)
        ]
        if not actions:
            continue
        if heading == ".SH":
            yield f".SH {plain((group.title or '').upper())}"
        if group.description:
            yield paragraph(group.description)
        for action in actions:
            yield ".TP"
            yield ", ".join(_words(action)) or f"\\fI{plain(_value(action))}\\fR"
            yield paragraph(formatter._expand_help(action) if action.help else "")


def _words(action: argparse.Action) -> Iterable[str]:
    value = "" if action.nargs == 0 else f" \\fI{plain(_value(action))}\\fR"
    return (f"\\fB{plain(word)}\\fR{value}" for word in action.option_strings)


def _value(action: argparse.Action) -> str:
    if action.metavar is None and action.choices:
        return "|".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper())


def paragraph(text: str) -> str:
    """Text for one paragraph; a line of dots and quotes would be a command."""
    return "\n".join(plain(line) for line in text.splitlines()) or "\\&"


def plain(text: str) -> str:
    """Text that says nothing to roff; hyphens stay what people can copy."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = re.sub(r"[^\x00-\x7f]", lambda found: f"\\[u{ord(found[0]):04X}]", escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
