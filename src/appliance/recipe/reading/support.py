"""Look a word of the kickstart language up, and say what becomes of a line that starts with it."""

from collections.abc import Mapping
from difflib import get_close_matches

from appliance.errors import GrammarError, RecipeError, Where
from appliance.recipe.reading.answers import Answer, Honoured, Judged, Noted, Refused
from appliance.recipe.reading.commands import COMMANDS, SECTIONS
from appliance.recipe.reading.findings import Findings


def find(word: str, where: Where) -> Answer:
    """Return what becomes of the lines or sections that *word* starts.

    Raises GrammarError if the language has no such word.
    """
    known = SECTIONS if word.startswith("%") else COMMANDS
    if word not in known:
        kind = "section" if known is SECTIONS else "command"
        raise GrammarError(f"unknown {kind} '{word}'", hint=nearest(word, known), where=where)
    return known[word]


def option_names(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the options among *words*: --size=3 gives --size."""
    names = (word.partition("=")[0] for word in words[1:] if word.startswith("--"))
    return tuple(name for name in names if " " not in name)


def judge(words: tuple[str, ...], where: Where, findings: Findings) -> bool:
    """Tell whether the line *words* is honoured; say everything else to *findings*."""
    try:
        answer = find(words[0], where)
    except RecipeError as error:
        findings.problems.append(error)
        return False
    options = option_names(words)
    if isinstance(answer, Noted | Refused):
        _say(words[0], answer, where, findings)
        return False
    if isinstance(answer, Judged) and not options:
        _say(words[0], answer.bare, where, findings)
    fine = isinstance(answer, Honoured)
    for option in options:
        if option not in answer.options:
            text = f"unknown option '{option}' of {words[0]}"
            findings.problem(text, where, nearest(option, answer.options))
            fine = False
        elif (said := answer.options[option]) is not None:
            _say(f"{words[0]} {option}", said, where, findings)
            fine = fine and not isinstance(said, Refused)
    return fine


def nearest(word: str, known: Mapping[str, object]) -> str:
    """Return the known words that look like *word*, as a hint; all of them if they are few."""
    return ", ".join(get_close_matches(word, known) or (known if len(known) < 10 else ()))


def _say(what: str, answer: Noted | Refused, where: Where, findings: Findings) -> None:
    if isinstance(answer, Noted):
        findings.note(f"{what}: {answer.reason}", where, command=what.split(maxsplit=1)[0])
    else:
        findings.problem(f"{what}: {answer.why}", where, answer.hint)
