"""The completion of bash: one function, which looks up what it offers in tables of words."""

import shlex
from collections.abc import Iterable, Sequence

from appliance.cli.completing.offers import DIRECTORIES, FILES, Offer, OfferedCommand

GENERATED_BY = {FILES: "file", DIRECTORIES: "directory"}  # compgen's names for them


def script(programs: Sequence[OfferedCommand]) -> str:
    """The whole completion of the *programs*, for bash 4.1 and later."""
    commands = [each for program in programs for each in program.everything()]
    known = [" ".join(each.path) for each in commands if len(each.path) > 1]
    return f"""\
_appliance() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command=${{COMP_WORDS[0]##*/}} index=1 words= names= commas= before=
  while [ "$index" -lt "$COMP_CWORD" ]; do
    case "$command ${{COMP_WORDS[index]}}" in
      {_any(known)}) command+=" ${{COMP_WORDS[index]}}" ;;
      *) break ;;
    esac
    index=$((index + 1))
  done
  case $previous$current in
    --*=) current= ;;  # bash takes --option=value for three words
    =*) previous=${{COMP_WORDS[COMP_CWORD-2]}} ;;
  esac
  case "$command $previous" in
{_values(commands)}
    *) case $current in
      -*) case $command in
{_options(commands)}
      esac ;;
      *) case $command in
{_arguments(commands)}
      esac ;;
    esac ;;
  esac
  case $commas$current in 1*,*) before=${{current%,*}}, current=${{current##*,}} ;; esac
  COMPREPLY=()
  if [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$current")
  fi
  if [ -n "$names" ]; then
    compopt -o filenames 2> /dev/null
    mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -A "$names" -- "$current")
  fi
}}
complete -F _appliance {" ".join(each.path[0] for each in programs)}"""


def _values(commands: Iterable[OfferedCommand]) -> str:
    """What stands behind options: a line for each thing that is offered somewhere."""
    places: dict[str, list[str]] = {}
    for command in commands:
        for option in command.options:
            if option.value:
                words = [" ".join((*command.path, name)) for name in option.names]
                places.setdefault(_set(option.value), []).extend(words)
    return "\n".join(f"    {_any(words)}) {said} ;;" for said, words in places.items())


def _options(commands: Iterable[OfferedCommand]) -> str:
    return "\n".join(
        f"        {_any([' '.join(command.path)])}) words={shlex.quote(' '.join(names))} ;;"
        for command in commands
        for names in [sorted(name for option in command.options for name in option.names)]
    )


def _arguments(commands: Iterable[OfferedCommand]) -> str:
    lines = []
    for command in commands:
        said = _set(*command.arguments)
        if command.below:
            words = " ".join(each.path[-1] for each in command.below)
            said = f"words={shlex.quote(words)}"
        lines.append(f"        {_any([' '.join(command.path)])}) {said} ;;")
    return "\n".join(lines)


def _set(*offers: Offer) -> str:
    """What sets the variables of the function to what is offered."""
    said = []
    if words := [word for offer in offers for word in offer.words]:
        said.append(f"words={shlex.quote(' '.join(words))}")
    said += [f"names={GENERATED_BY[offer.names]}" for offer in offers if offer.names][:1]
    said += ["commas=1" for offer in offers if offer.several][:1]
    return " ".join(said) or ":"


def _any(texts: Iterable[str]) -> str:
    """A pattern of case that is any of the texts."""
    return "|".join(f"'{text}'" for text in texts)
