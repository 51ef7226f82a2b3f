"""The copy of a kickstart that is kept: complete, and without what nobody else may read."""

from collections.abc import Mapping

from appliance.masking import masked
from appliance.recipe.reading.lines import Line
from appliance.recipe.reading.sections import Section
from appliance.recipe.reading.variables import Variables

MAY_HOLD_PASSWORDS = ("rootpw", "user", "vnc", "rdp", "sshpw")


def source(
    lines: tuple[Line, ...],
    sections: tuple[Section, ...],
    rewritten: Mapping[Line, str],
    variables: Variables,
) -> str:
    """Return the kickstart again, with the lines that held passwords *rewritten*, and the values of
    *variables* in those of %packages; scripts stay as they are."""
    own: dict[Line, str] = {}
    for section in sections:
        own |= {line: line.text for line in section.body}
        if section.word == "%packages":
            own |= {line: variables.copied(line.text) for line in (section.header, *section.body)}
    kept = (
        own[line] if line in own else rewritten.get(line, _without_password(line)) for line in lines
    )
    return "".join(f"{text}\n" for text in kept)


def _without_password(line: Line) -> str:
    """Return a line as it is, unless it is a command with a password, commented out, or holds a
    URL with one."""
    words = line.text.strip().lstrip("#").split()
    if line.first_word or not words or words[0] not in MAY_HOLD_PASSWORDS:
        return masked(line.text)
    if words[0] in ("rootpw", "sshpw") or "--password" in line.text:
        return f"# {words[0]}: left out, it may hold a password"
    return line.text
