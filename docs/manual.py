"""Manual pages, man(7), out of the command line's own words."""

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from appliance import __version__
from appliance.cli import EXIT_CODES, creator, parser, virt_image

ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "the build's moment, in seconds since 1970, instead of the repositories'",
    "APPLIANCE_STORE_LIMIT": "size that the store has at most after a build, such as 50GiB "
    "(default: a fifth of its disk, at most 20GiB)",
    "XDG_CACHE_HOME": "the store is the directory appliance in it (default: ~/.cache)",
}
Parser = argparse.ArgumentParser


def pages() -> dict[str, str]:
    """Every manual page, by the name of its file."""
    return {
        "appliance.1": page(parser(everything=True), see="appliance-creator"),
        "appliance-creator.1": page(creator.parser(), see="appliance"),
        "virt-image.1": page(virt_image.parser(), see="appliance"),
    }


def write(place: Path) -> None:
    """Write every manual page into the directory *place*."""
    place.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (place / name).write_text(text)


def page(program: Parser, *, see: str) -> str:
    """The manual page of a *program*; *see* is another one worth reading."""
    title, what = program.prog.upper(), (program.description or "").split(". ")[0].rstrip(".")
    short = re.split(r"[:;] ", what)[0]
    lines = [
        f'.TH {plain(title)} 1 "" "appliance-tools {__version__}" "User Commands"',
        ".SH NAME",
        f"{plain(program.prog)} \\- {plain(short[0].lower() + short[1:])}",
        ".SH SYNOPSIS",
        synopsis(program),
        ".SH DESCRIPTION",
        paragraph(program.description or ""),
        *options(program, heading=".SH"),
    ]
    commands = list(below(program))
    if commands:
        lines += [".SH COMMANDS"]
    for command in commands:
        lines += [f'.SS "{plain(command.prog)}"', synopsis(command), ".PP"]
        lines += [paragraph(command.description or ""), *options(command, heading=".PP")]
    lines += [".SH EXIT STATUS", paragraph(f"0 if all is well. {EXIT_CODES}"), ".SH ENVIRONMENT"]
    for name, text in ENVIRONMENT.items():
        lines += [".TP", f"\\fB{plain(name)}\\fR", paragraph(text)]
    lines += [".SH SEE ALSO", f"\\fB{plain(see)}\\fR(1), \\fBvirt-image\\fR(5)"]
    return "\n".join(line for line in lines if line) + "\n"


def below(program: Parser) -> Iterator[Parser]:
    """The commands of a *program*, and theirs, that do something by themselves."""
    for action in program._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for name, command in action.choices.items():
                command.description = command.description or _sentence(helps.get(name))
                yield command
                yield from below(command)


def _sentence(text: str | None) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


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
