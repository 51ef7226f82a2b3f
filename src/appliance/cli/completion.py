"""`appliance completion`: what the shell needs to complete our commands and options."""

import argparse
from collections.abc import Mapping

from appliance.cli.help import Example
from appliance.cli.options import kinds
from appliance.cli.options.option import Option, add

Verbs = Mapping[str, argparse.ArgumentParser]
SHELL = Option(
    ("shell",), "shell to print it for", kinds.one_of("bash", "zsh"), example="bash"
)  # fmt: skip
EXAMPLES = (
    Example("bash", "appliance completion bash >> ~/.bash_completion"),
    Example("zsh, in a directory of $fpath", "appliance completion zsh > ~/.zfunc/_appliance"),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "completion",
        help="print the completion of the shell",
        description='For bash: eval "$(appliance completion bash)"; '
        'for zsh: autoload -U bashcompinit; bashcompinit; eval "$(appliance completion zsh)"',
        examples=EXAMPLES,
    )
    add(parser, SHELL)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the bash function that completes our commands, made from their parsers."""
    from appliance.cli import creator, parser, virt_image

    actions = parser(everything=True)._subparsers
    verbs: Verbs = actions._group_actions[0].choices  # type: ignore[union-attr, assignment]
    commands = {name: options_of(command) for name, command in verbs.items()}
    print(script(commands, values(verbs)))
    for whole in (creator.parser(), virt_image.parser()):
        print(f"complete -o filenames -f -W '{' '.join(options_of(whole))}' {whole.prog}")
    return 0


def options_of(command: argparse.ArgumentParser) -> list[str]:
    """The options of a *command* that help shows."""
    shown = [each for each in command._actions if each.help is not argparse.SUPPRESS]
    return sorted(word for action in shown for word in action.option_strings)


def values(verbs: Verbs) -> dict[str, list[str]]:
    """Map the bash that offers values to the options (COMMAND OPTION) which take them."""
    found: dict[str, list[str]] = {}
    for name, command in verbs.items():
        for action in command._actions:
            if isinstance(action.type, Option):
                words = [f"'{name} {word}'" for word in action.option_strings]
                found.setdefault(offered(action.type), []).extend(words)
    return {said: words for said, words in found.items() if words}


def offered(option: Option) -> str:
    """What may stand behind *option*, in bash: words for its compgen, which are none for a number
    or a text, and whether commas stand between values."""
    kind = option.kind
    assert kind is not None
    words = f"-W '{' '.join(kind.known)}'" if kind.known else ""
    names = "-f" if kind.files else "-d" if kind.directories else ""
    commas = " commas=1" if kind.several else ""
    return f"offered=({' '.join(each for each in (words, names) if each)}){commas}"


def script(commands: dict[str, list[str]], values: dict[str, list[str]]) -> str:
    """A bash function that completes commands, their options, the values of these, and files."""
    behind = "\n".join(f"    {'|'.join(words)}) {said} ;;" for said, words in values.items())
    cases = "\n".join(f"    {name}) words='{' '.join(each)}' ;;" for name, each in commands.items())
    return f"""\
_appliance() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words= before= commas=
  local -a offered=(options)
  case "${{COMP_WORDS[1]}} ${{COMP_WORDS[COMP_CWORD-1]}}" in
{behind}
  esac
  if [ "${{offered[*]}}" != options ]; then
    case $commas$current in 1*,*) before=${{current%,*}}, current=${{current##*,}} ;; esac
    COMPREPLY=()
    if [ -n "${{offered[*]}}" ]; then
      COMPREPLY=($(compgen -P "$before" "${{offered[@]}}" -- "$current"))
    fi
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  if [ "$COMP_CWORD" = 1 ]; then words='{" ".join(commands)}'; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case $COMP_CWORD$current in
    1*|*-*) ;;
    *) COMPREPLY+=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _appliance appliance"""
