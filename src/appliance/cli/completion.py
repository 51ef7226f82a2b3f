"""`appliance completion`: what the shell needs to complete our commands and options."""

import argparse
from collections.abc import Mapping

Verbs = Mapping[str, argparse.ArgumentParser]


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command; this text is also its manual page."""
    parser = verbs.add_parser(
        "completion",
        help="print the completion of the shell",
        description='For bash: eval "$(appliance completion bash)"; '
        'for zsh: autoload -U bashcompinit; bashcompinit; eval "$(appliance completion zsh)"',
    )
    parser.add_argument("shell", choices=("bash", "zsh"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the parsers, print a function."""
    from appliance.cli import creator, parser, virt_image

    actions = parser(everything=True)._subparsers
    verbs: Verbs = actions._group_actions[0].choices  # type: ignore[union-attr, assignment]
    commands = {
        name: sorted(word for action in command._actions for word in action.option_strings)
        for name, command in verbs.items()
    }
    print(script(commands, values(verbs)))
    for whole in (creator.parser(), virt_image.parser()):
        old = sorted(
            word
            for action in whole._actions
            if action.help is not argparse.SUPPRESS
            for word in action.option_strings
        )
        print(f"complete -o filenames -f -W '{' '.join(old)}' {whole.prog}")
    return 0


def values(verbs: Verbs) -> dict[str, tuple[str, ...]]:
    """What may stand behind an option, by COMMAND OPTION; lists of words name what they know."""
    return {
        f"{name} {word}": tuple(map(str, known))
        for name, command in verbs.items()
        for action in command._actions
        if (known := action.choices or getattr(action.type, "known", ()))
        for word in action.option_strings
    }


def script(commands: dict[str, list[str]], values: dict[str, tuple[str, ...]]) -> str:
    """A bash function that completes commands, their options, the values of these, and files."""
    behind = "\n".join(
        f"    '{word}') words='{' '.join(each)}' ;;" for word, each in values.items()
    )
    cases = "\n".join(f"    {name}) words='{' '.join(each)}' ;;" for name, each in commands.items())
    return f"""\
_appliance() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words= before=
  case "${{COMP_WORDS[1]}} ${{COMP_WORDS[COMP_CWORD-1]}}" in
{behind}
  esac
  if [ -n "$words" ]; then
    case $current in *,*) before=${{current%,*}}, ;; esac
    COMPREPLY=($(compgen -P "$before" -W "$words" -- "${{current##*,}}"))
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
