"""Text of strangers as a terminal may have it: nothing in it moves the cursor or ends a line."""

from appliance.errors import ApplianceError


def printable(text: str) -> str:
    r"""Return *text* on one line, with everything that is not printed written as an escape: ESC as
    \x1b, a line feed as \n, U+009B as \x9b. Tabulators stay."""
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter == "\t"
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def lines(text: str) -> str:
    """Return *text* printable, with its line feeds."""
    return "\n".join(map(printable, text.split("\n")))


def told(error: ApplianceError) -> str:
    """Return what `str(error)` says, printable, and with no line breaks but those between problem,
    tail and hint."""
    parts = (f"{error.where}: " if error.where else "") + error.problem, *error.tail, error.hint
    problem, *tail, hint = (printable(part) for part in parts)
    said = "".join(f"\n  | {line}" for line in tail)
    return f"{problem}{said}" + (f"\n  try: {hint}" if hint else "")
