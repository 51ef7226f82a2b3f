"""Kickstarts that another program still has to fill in: told by what it would replace.

Facts: Foreman's and Satellite's ERB, Cobbler's Cheetah, the Jinja of Ansible and MAAS, xCAT's
documentation of its templates.
"""

import re
from collections.abc import Iterable

from appliance.errors import RecipeError, Where
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import Line

PROGRAMS = {
    "Foreman": re.compile(r"<%.*?(?:%>|$)|^\s*%>"),
    "Jinja (Ansible, MAAS)": re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"),
    "Cobbler": re.compile(r"\$SNIPPET\(|@@\w+@@"),
    "xCAT": re.compile(
        r"#(?:TABLE|XCATVAR|INCLUDE|COMMAND|ENV|HOSTNAME|KICKSTARTNET|YUMREPO)(?:_\w+)?(?::[^#]*)?#"
    ),
    "": re.compile(r"@[A-Z][A-Z0-9_]+@|%%[A-Z_]+%%|__[A-Z][A-Z0-9_]+__"),
}
# Comments for the language, but not for the program that fills it in.
COMMENTS = {
    "Cobbler": re.compile(r"#(?:(?:set|if|elif|for|import) .*\$.*|(?:end (?:if|for|raw)|raw)\b.*)"),
    "xCAT": PROGRAMS["xCAT"],
}
# ${name}, or $NAME as a whole word: of shells and of Cobbler; a hash is no such word
VARIABLE = re.compile(r"\$\{\w+\}|(?<![^\s=])\$[A-Za-z_]\w*(?=\s|$)")
ADDRESSES = ("url", "repo", "%include", "%ksappend")  # have variables of their own


class TemplateError(RecipeError):
    """A line of a kickstart that is a template."""


def refuse_placeholders(text: str, where: Where) -> None:
    """Raise TemplateError if the command line *text* is one of a template."""
    for program, pattern in PROGRAMS.items():
        if found := pattern.search(text):
            raise _refusal(found.group(), program, where)
    if text.split(maxsplit=1)[0] not in ADDRESSES and (found := VARIABLE.search(text)):
        raise _refusal(found.group(), "", where)


def refuse_directives(lines: Iterable[Line], findings: Findings) -> None:
    """Add a problem for the first of *lines*, none of them of a script, that is a comment only as
    long as its program has not read it."""
    for line in lines:
        for program, pattern in COMMENTS.items():
            text = line.text.strip()
            if text.startswith("#") and pattern.fullmatch(text):
                findings.problems.append(_refusal(text, program, line.where))
                return


def once(problems: Iterable[RecipeError]) -> list[RecipeError]:
    """Return *problems* with the first placeholder only: filled in, the others are gone too."""
    kept: list[RecipeError] = []
    for error in problems:
        if not (isinstance(error, TemplateError) and any(type(one) is type(error) for one in kept)):
            kept.append(error)
    return kept


def _refusal(found: str, program: str, where: Where) -> TemplateError:
    whose = f" of {program}" if program else ""
    hint = f"fill it in with {program or 'the program that it was written for'}"
    if found.startswith("${") and not program:
        hint += f", or declare {found[2:-1]} under [variables] in the product sheet NAME.toml"
    return TemplateError(
        f"'{found}' is a placeholder: this kickstart is a template{whose}", hint=hint, where=where
    )
