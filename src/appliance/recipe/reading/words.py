"""The words of a kickstart's line."""

import shlex

from appliance.errors import GrammarError
from appliance.recipe.reading.lines import Line


def words_of(line: Line) -> tuple[str, ...]:
    """Return the words of a line, divided the way the language does.

    Raises GrammarError for quotes that do not match, a line without a command, and a # inside a
    word, which would cut it off in silence.
    """
    try:
        words = tuple(shlex.split(line.text, comments=True))
    except ValueError as error:
        raise GrammarError(
            f"the quotes do not match: {error}",
            hint="close every quote on its own line",
            where=line.where,
        ) from error
    if not words or not words[0]:
        raise GrammarError("a line without a command", where=line.where)
    if _comment_is_glued(line.text, words):
        raise GrammarError(
            "everything from the # on would be a comment",
            hint="put the word that contains the # into quotes, or a space before a comment",
            where=line.where,
        )
    return words


def _comment_is_glued(text: str, words: tuple[str, ...]) -> bool:
    """Tell whether the comment of a line starts inside a word."""
    for place in (place for place, letter in enumerate(text) if letter == "#"):
        try:
            if tuple(shlex.split(text[:place])) == words:
                return not text[:place].endswith((" ", "\t"))
        except ValueError:  # this one is quoted
            continue
    return False
