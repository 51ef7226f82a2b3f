"""What to install: the %packages sections."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appliance.errors import RecipeError
from appliance.recipe.findings import Findings
from appliance.recipe.lines import Line
from appliance.recipe.model import Packages, Wanted, WantedGroup

CORE = "core"
NAME = re.compile(r"[A-Za-z0-9_/*?\[][^\s,;|&<>$`'\"\\]*")
LANGUAGES = ("--inst-langs", "--instLangs")
LANGUAGE = re.compile(r"[A-Za-z0-9_.@-]+")
WITH_VALUE = LANGUAGES


@dataclass
class _Choice:
    """The last mention of a name wins, in whichever section it stands."""

    names: dict[str, Wanted] = field(default_factory=dict)
    groups: dict[str, WantedGroup] = field(default_factory=dict)
    excluded: dict[str, Wanted] = field(default_factory=dict)
    core: bool | None = None


def packages(
    headers: Sequence[Mapping[str, str]], lines: Sequence[Line], findings: Findings
) -> Packages:
    """Return what the sections with these *headers* and *lines* ask for together.

    An option of one section holds for all of them; of two lists of languages the last counts.
    """
    choice = _Choice()
    for line in lines:
        try:
            _choose(line, choice, findings)
        except RecipeError as error:
            findings.problems.append(error)
    flags = {name for header in headers for name in header}
    lists = [header[name] for header in headers for name in LANGUAGES if name in header]
    return Packages(
        names=tuple(choice.names.values()),
        groups=tuple(choice.groups.values()),
        excluded=tuple(choice.excluded.values()),
        core="--nocore" not in flags if choice.core is None else choice.core,
        documentation="--excludedocs" not in flags,
        languages=_languages(lists[-1]) if lists else None,
        weak_dependencies=flags.isdisjoint(("--exclude-weakdeps", "--excludeWeakdeps")),
        ignore_missing="--ignoremissing" in flags,
    )


def _languages(text: str) -> tuple[str, ...]:
    return tuple(LANGUAGE.findall(text))


def _choose(line: Line, choice: _Choice, findings: Findings) -> None:
    text = line.text.partition("#")[0].strip()
    if not text:
        return
    unwanted, text = text.startswith("-"), text.removeprefix("-")
    if text.startswith("@"):
        _choose_group(text[1:].strip(), line, choice, findings, unwanted=unwanted)
        return
    if not NAME.fullmatch(text):
        hint = "one package per line" if " " in text else "a package, a glob, or @group"
        raise RecipeError(f"'{text}' is not the name of a package", hint=hint, where=line.where)
    if unwanted:
        choice.names.pop(text, None)
        choice.excluded[text] = Wanted(text, line.where)
    else:
        choice.excluded.pop(text, None)
        choice.names[text] = Wanted(text, line.where)


def _choose_group(
    name: str, line: Line, choice: _Choice, findings: Findings, *, unwanted: bool
) -> None:
    if name.startswith("^"):
        raise RecipeError(
            "environments are not supported", hint="list their @groups", where=line.where
        )
    if " --" in name:
        raise RecipeError(
            "a group is installed as it is: it has no options",
            hint=f"@{name.split(maxsplit=1)[0]}, and -PACKAGE for what you do not want",
            where=line.where,
        )
    if not name or name.startswith("-"):
        raise RecipeError("a group without a name", hint="@GROUP", where=line.where)
    if name == CORE:
        choice.core = not unwanted
    elif not unwanted:
        choice.groups[name] = WantedGroup(name, line.where)
    elif choice.groups.pop(name, None) is None:
        findings.note(f"-@{name}: no earlier line asks for this group", line.where)
