"""The completion of zsh: a function of its own completion system for each command."""

import shlex
from collections.abc import Iterator, Sequence

from appliance.cli.completing.offers import (
    DIRECTORIES,
    FILES,
    Offer,
    OfferedCommand,
    OfferedOption,
)

PATHS = {FILES: "_files", DIRECTORIES: "_files -/"}
HELPER = """\
__appliance_words_and_names() {
  local -a kind
  [[ $1 == directories ]] && kind=(-/)
  shift
  compadd -- "$@"
  _files $kind
}"""


def script(programs: Sequence[OfferedCommand]) -> str:
    """The whole completion of the *programs*: a file called _appliance in a directory of $fpath,
    or text for eval after compinit."""
    names = " ".join(program.path[0] for program in programs)
    functions = [_function(each) for program in programs for each in program.everything()]
    cases = "\n".join(f"    {program.path[0]}) {_name(program)} ;;" for program in programs)
    return "\n".join((
        f"#compdef {names}",
        HELPER,
        *functions,
        f"_appliance() {{\n  case $service in\n{cases}\n  esac\n}}",
        'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _appliance "$@"',
        f"else compdef _appliance {names}; fi",
    ))  # fmt: skip


def _name(command: OfferedCommand) -> str:
    return "__" + "_".join(command.path).replace("-", "_")


def _function(command: OfferedCommand) -> str:
    """The function that completes one command, and calls those of the commands below it."""
    specs = [*map(shlex.quote, _specs(command))]
    lines = [f"{_name(command)}() {{", *(["  local context state line"] if command.below else [])]
    if command.below:
        listed = " ".join(shlex.quote(f"{each.path[-1]}:{each.text}") for each in command.below)
        lines.append(f"  local -a commands=({listed})")
        specs += ["'1:command:->command'", "'*::: :->words'"]
    start = "  _arguments -C -s" if command.below else "  _arguments -s"
    lines.append(" \\\n    ".join((start, *specs)))
    if command.below:
        cases = (f"        {each.path[-1]}) {_name(each)} ;;" for each in command.below)
        lines += [
            "  case $state in",
            "    command) _describe -t commands command commands ;;",
            "    words)",
            '      words=("$line[1]" "${words[@]}")',
            "      (( CURRENT += 1 ))",
            "      case $line[1] in",
            *cases,
            "      esac ;;",
            "  esac",
        ]
    return "\n".join((*lines, "}"))


def _specs(command: OfferedCommand) -> Iterator[str]:
    """The arguments of _arguments, as zshcompsys(1) tells them."""
    for option in command.options:
        yield from _option(option)
    for number, offer in enumerate(command.arguments, start=1):
        last = number == len(command.arguments)
        yield f"{'*' if command.many and last else number}:{_value(offer)}"


def _option(option: OfferedOption) -> Iterator[str]:
    text = option.text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    once = "*" if option.repeat else f"({' '.join(option.names)})"
    for name in option.names:
        if option.value is None:
            yield f"{once}{name}[{text}]"
        else:
            joined = "=" if name.startswith("--") else "+"
            yield f"{once}{name}{joined}[{text}]:{_value(option.value)}"


def _value(offer: Offer) -> str:
    """The message and the action of one value."""
    called = offer.called.replace(":", "\\:")
    words = " ".join(word.replace(":", "\\:") for word in offer.words)
    if offer.several and words:
        action = f"_values -s , value {words}"
    elif offer.names and words:
        action = f" __appliance_words_and_names {offer.names} {words}"
    elif words:
        action = f"({words})"
    else:
        action = PATHS.get(offer.names, " ")
    return f"{called}:{action}"
