"""`appliance completion`: what the shell needs to complete our commands and options."""

import argparse


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
    commands = {
        name: sorted(word for action in command._actions for word in action.option_strings)
        for name, command in actions._group_actions[0].choices.items()  # type: ignore
    }
    print(script(commands))
    for whole in (creator.parser(), virt_image.parser()):
        old = sorted(
            word
            for action in whole._actions
            if action.help is not argparse.SUPPRESS
            for word in action.option_strings
        )
        print(f"complete -o filenames -f -W '{' '.join(old)}' {whole.prog}")
    return 0


def script(commands: dict[str, list[str]]) -> str:
    """A bash function that completes commands, their options, and files."""
    cases = "\n".join(f"    {name}) words='{' '.join(each)}' ;;" for name, each in commands.items())
    return f"""\
_appliance() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words
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
