"""The completion of fish: a line for each command, option and argument, after complete(1)."""

from collections.abc import Iterator, Sequence

from appliance.cli.completing.offers import (
    DIRECTORIES,
    FILES,
    Offer,
    OfferedCommand,
    OfferedOption,
)

# Not --force-files: where that stands for an argument, it holds for the values of options, too.
PATHS = {
    FILES: "__appliance_files",
    DIRECTORIES: "__fish_complete_directories (commandline -ct)",
}
# Whether the words before the cursor begin with those of a command, or are no more than these.
HELPERS = """\
function __appliance_in
    set -l words (commandline -opc)
    test (count $words) -gt (count $argv)
    and test "$words[2..$(math 1 + (count $argv))]" = "$argv"
end
function __appliance_at
    test (count (commandline -opc)) -eq $(math 1 + (count $argv))
    and begin
        test (count $argv) -eq 0
        or __appliance_in $argv
    end
end
function __appliance_files
    complete -C "'' "(commandline -ct)
end
function __appliance_list
    printf '%s\\n' $argv
end"""


def script(programs: Sequence[OfferedCommand]) -> str:
    """The whole completion of the *programs*: a file NAME.fish in a directory of
    $fish_complete_path, or text for `source`. For fish 3.4 and later."""
    lines = [HELPERS]
    for program in programs:
        lines.append(f"complete -c {program.path[0]} -f")
        for command in program.everything():
            lines += _command(command)
    return "\n".join(lines)


def _command(command: OfferedCommand) -> Iterator[str]:
    program, *words = command.path
    here = f"complete -c {program}"
    at = f"{here} -n {_quoted(' '.join(('__appliance_at', *words)))}"
    within = f"{here} -n {_quoted(' '.join(('__appliance_in', *words)))}" if words else here
    for below in command.below:
        yield f"{at} -a {below.path[-1]} -d {_quoted(below.text)}"
    for option in command.options:
        yield f"{at if command.below else within} {_option(option)}"
    for argument in command.arguments:
        if said := _value(argument):
            yield f"{within} {said}"


def _option(option: OfferedOption) -> str:
    said = [f"-l {name[2:]}" if name[1] == "-" else f"-s {name[1:]}" for name in option.names]
    if option.value:
        said += ["-x", _value(option.value)]
    return " ".join((*filter(None, said), "-d", _quoted(option.text)))


def _value(offer: Offer) -> str:
    """What is offered in one place; empty if nothing is."""
    words = " ".join(offer.words)
    if offer.several and words:
        words = f"(__fish_complete_list , '__appliance_list {words}')"
    names = f"({PATHS[offer.names]})" if offer.names else ""
    said = f"{words} {names}".strip()
    return f"-a {_quoted(said)}" if said else ""


def _quoted(text: str) -> str:
    """Text in fish's single quotes, in which only these and backslashes mean something."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
