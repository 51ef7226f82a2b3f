"""A kickstart, divided: the command lines, and the sections with their bodies."""

from dataclasses import dataclass

from appliance.errors import RecipeError
from appliance.recipe.reading.commands import SECTIONS
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import INCLUDES, Line


@dataclass(frozen=True)
class Section:
    """From a %word to its %end."""

    header: Line
    body: tuple[Line, ...]

    @property
    def word(self) -> str:
        """Which kind of section this is: %packages, %post and so on."""
        return self.header.first_word


def divide(
    lines: tuple[Line, ...], findings: Findings, *, strict: bool = False
) -> tuple[tuple[Line, ...], tuple[Section, ...]]:
    """Return the command lines and the sections of *lines*.

    A section goes to the line that starts with %end, or, as those of old, to the next section; with
    *strict* that is a problem.
    """
    commands: list[Line] = []
    sections: list[Section] = []
    header: Line | None = None
    body: list[Line] = []
    for line in lines:
        word = line.first_word
        if word in INCLUDES:  # of what a %pre is still to write
            continue
        if header is None:
            if word == "%end":
                findings.problem("%end without a section", line.where, "remove the line")
            elif word.startswith("%"):
                header, body = line, []
            elif word:
                commands.append(line)
        elif word == "%end" or word in SECTIONS:
            if word != "%end":
                _unended(header, findings, strict=strict)
            sections.append(Section(header, tuple(body)))
            header, body = (None, []) if word == "%end" else (line, [])
        else:
            body.append(line)
    if header is not None:
        _unended(header, findings, strict=strict)
        sections.append(Section(header, tuple(body)))
    return tuple(commands), tuple(sections)


def _unended(header: Line, findings: Findings, *, strict: bool) -> None:
    text = f"the section {header.first_word} has no %end"
    if strict:
        findings.problem(text, header.where, "end it with a line: %end")
    else:
        findings.outdated(f"{text}: end it with one", header.where)


def options_of(
    section: Section, words: tuple[str, ...], *, with_value: tuple[str, ...]
) -> dict[str, str]:
    """Return the options of the header *words* and their values, empty for those without.

    Raises RecipeError for a word that is no option, and for a value too many or missing.
    """
    found: dict[str, str] = {}
    waiting = ""
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if waiting:
            found[waiting], waiting = word, ""
        elif not word.startswith("--"):
            raise RecipeError(
                f"{words[0]}: '{word}' is not an option",
                hint="the body begins on the next line",
                where=section.header.where,
            )
        elif equals and name not in with_value:
            raise RecipeError(f"{name} takes no value", where=section.header.where)
        elif name in with_value and not equals:
            waiting = name
        else:
            found[name] = value
    if waiting:
        raise RecipeError(
            f"{waiting} needs a value", hint=f"{waiting}=…", where=section.header.where
        )
    return found
