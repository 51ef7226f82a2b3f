"""What to install: the %packages sections."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.errors import RecipeError, Where
from appliance.recipe.model import Packages, WantedGroup, WantedPackage
from appliance.recipe.reading.findings import Findings
from appliance.recipe.reading.lines import Line

CORE = "core"
# A name, a file, a glob, NAME.ARCH, NAME-VERSION: what dnf and apt take, and no shell's signs.
NAME = re.compile(r"[A-Za-z0-9_/*?\[][^\s,;|&<>$`'\"\\]*")
AT_VERSION = re.compile(r"(\S+) +(<|<=|=|>=|>) +([A-Za-z0-9][A-Za-z0-9._+~^:-]*)")
LANGUAGES = ("--inst-langs", "--instLangs")
LANGUAGE = re.compile(r"[A-Za-z0-9_.@-]+")
WITH_VALUE = (*LANGUAGES, "--timeout", "--retries")
LEVELS = {"--nodefaults": "mandatory", "--optional": "optional"}


@dataclass(frozen=True)
class Header:
    """The options of one %packages line, with their values, and where it is."""

    options: Mapping[str, str]
    where: Where


@dataclass
class _Choice:
    """Collects what is wanted and excluded; the last mention of a name wins, in whichever section
    it stands."""

    names: dict[str, WantedPackage] = field(default_factory=dict)
    groups: dict[str, WantedGroup] = field(default_factory=dict)
    excluded_groups: dict[str, WantedPackage] = field(default_factory=dict)
    environment: WantedPackage | None = None
    excluded: dict[str, WantedPackage] = field(default_factory=dict)
    core: bool | None = None
    cancelling: set[WantedPackage] = field(default_factory=set)  # those that took a group back


def packages(headers: Sequence[Header], lines: Sequence[Line], findings: Findings) -> Packages:
    """Return what the sections with these *headers* and *lines* ask for together.

    As in Anaconda, the options of the last header hold for all of them, but a list of languages
    holds until there is another.
    """
    choice = _Choice()
    for line in lines:
        try:
            _choose(line, choice, findings)
        except RecipeError as error:
            findings.problems.append(error)
    if not choice.environment:
        _note_useless(choice, findings)
    flags = set(headers[-1].options) if headers else set()
    for header in headers[:-1]:
        for name in sorted(set(header.options) - flags - set(WITH_VALUE)):
            undone = f"{name} counts for nothing: the last %packages, {headers[-1].where}, lacks it"
            findings.note(undone, header.where)
    lists = [
        header.options[name] for header in headers for name in LANGUAGES if name in header.options
    ]
    return Packages(
        names=tuple(choice.names.values()),
        groups=tuple(choice.groups.values()),
        excluded=tuple(choice.excluded.values()),
        core="--nocore" not in flags if choice.core is None else choice.core,
        documentation="--excludedocs" not in flags,
        languages=_languages(lists[-1]) if lists else None,
        weak_dependencies=flags.isdisjoint(("--exclude-weakdeps", "--excludeWeakdeps")),
        ignore_missing="--ignoremissing" in flags,
        ignore_broken="--ignorebroken" in flags,
        multilib="--multilib" in flags,
        environment=choice.environment,
        excluded_groups=tuple(choice.excluded_groups.values()) if choice.environment else (),
    )


def yielding(packages: Packages, main: Path) -> Packages:
    """Return *packages* with the excludes marked that do not stand in the kickstart *main* itself:
    they yield to what the including file needs."""
    marked = (replace(item, yields=item.where.path != main) for item in packages.excluded)
    return replace(packages, excluded=tuple(marked))


def is_package(text: str) -> bool:
    """Tell whether *text* can be the name, the file or the glob of packages."""
    return NAME.fullmatch(text) is not None


def _languages(text: str) -> tuple[str, ...]:
    return tuple(LANGUAGE.findall(text))


def _note_useless(choice: _Choice, findings: Findings) -> None:
    """Say which groups are excluded for nothing: a group holds no other, an environment does."""
    for wanted in choice.excluded_groups.values():
        if wanted.name != CORE and wanted not in choice.cancelling:
            text = f"-@{wanted.name}: no earlier line asks for this group"
            findings.note(text, wanted.where)


def _choose(line: Line, choice: _Choice, findings: Findings) -> None:
    text = line.text.partition("#")[0].strip()
    if "\\*" in text:
        plain = text.replace("\\*", "*")
        findings.outdated(f"%packages {text}: write {plain}; no shell reads it", line.where)
        text = plain
    if not text:
        return
    unwanted, text = text.startswith("-"), text.removeprefix("-")
    if text.startswith("@^"):
        _choose_environment(text[2:].strip(), line, choice, findings, unwanted=unwanted)
    elif text.startswith("@"):
        _choose_group(text[1:].strip(), line, choice, findings, unwanted=unwanted)
    else:
        _choose_package(text, line, choice, unwanted=unwanted)


def _choose_package(text: str, line: Line, choice: _Choice, *, unwanted: bool) -> None:
    version = None if unwanted else AT_VERSION.fullmatch(text)
    if not is_package(version[1] if version else text):
        hint = "one package per line" if " " in text else "a package, a glob, or @group"
        raise RecipeError(f"'{text}' is not the name of a package", hint=hint, where=line.where)
    if version:
        text = " ".join(version.groups())
    if unwanted:
        choice.names.pop(text, None)
        choice.excluded[text] = WantedPackage(text, line.where)
    else:
        choice.excluded.pop(text, None)
        choice.names[text] = WantedPackage(text, line.where)


def _choose_environment(
    name: str, line: Line, choice: _Choice, findings: Findings, *, unwanted: bool
) -> None:
    if not name or "--" in name:
        problem = "an environment has no options" if name else "an environment without a name"
        raise RecipeError(problem, hint="@^ENVIRONMENT", where=line.where)
    old = choice.environment
    if unwanted and (not old or old.name != name):
        findings.note(f"-@^{name}: no earlier line asks for this environment", line.where)
    elif unwanted:
        choice.environment = None
    else:
        if old and old.name != name:
            findings.note(f"@^{name} replaces @^{old.name} of {old.where}", line.where)
        choice.environment = WantedPackage(name, line.where)


def _choose_group(
    text: str, line: Line, choice: _Choice, findings: Findings, *, unwanted: bool
) -> None:
    name, level = _group(text, line.where)
    if unwanted and level != "default":
        problem = "a group is left out as a whole: this takes no options"
        raise RecipeError(problem, hint=f"-@{name}", where=line.where)
    if name == CORE:
        choice.core = not unwanted
    if unwanted:
        _exclude_group(name, line.where, choice)
        return
    choice.excluded_groups.pop(name, None)
    old = choice.groups.get(name)
    if old and old.level != level:
        findings.note(f"@{text} replaces @{name} of {old.where}", line.where)
    if name == CORE and level == "default":
        choice.groups.pop(name, None)
    else:
        choice.groups[name] = WantedGroup(name, line.where, level)


def _exclude_group(name: str, where: Where, choice: _Choice) -> None:
    wanted = WantedPackage(name, where)
    if choice.groups.pop(name, None):
        choice.cancelling.add(wanted)
    choice.excluded_groups[name] = wanted


def _group(text: str, where: Where) -> tuple[str, str]:
    """Return the name of a group, which may hold spaces, and its level. Raises RecipeError."""
    words = text.split()
    options = [word for word in words if word.startswith("--")]
    name = " ".join(word for word in words if word not in options)
    unknown = next((option for option in options if option not in LEVELS), "")
    problem = hint = ""
    if not name or name.startswith("-"):
        problem, hint = "a group without a name", "@GROUP"
    elif unknown:
        problem, hint = f"unknown option '{unknown}' of a group", ", ".join(LEVELS)
    elif len(set(options)) > 1:
        problem, hint = f"@{name} cannot be both", "--nodefaults or --optional"
    elif ":" in name and " " not in name:
        problem = f"@{name}: modules need the modular repositories of dnf 4"
        hint = "a repository that has the version"
    if problem:
        raise RecipeError(problem, hint=hint, where=where)
    return name, LEVELS[options[0]] if options else "default"
