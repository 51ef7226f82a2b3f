"""The groups and environments of a repository: comps.xml, as dnf understands it (comps(7))."""

import difflib
import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from appliance.backends.package_managers.xml_limits import parsed
from appliance.errors import RecipeError
from appliance.recipe.model import Packages, WantedGroup, WantedPackage

LEVELS = {
    "mandatory": ("mandatory",),
    "default": ("mandatory", "default"),
    "optional": ("mandatory", "default", "optional"),
}
CORE = "core"


@dataclass(frozen=True)
class CompsGroup:
    """A group of packages, as comps.xml has it.

    *id*: the group's id: core.
    *name*: the group's name for people.
    *packages*: names of packages by level: mandatory, default, optional.
    *conditional*: pairs of a package and another one that brings it along once it is installed.
    """

    id: str
    name: str
    packages: Mapping[str, tuple[str, ...]]
    conditional: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Environment:
    """An environment of comps.xml. *groups* are the ids of the groups that belong to it, without
    the optional ones."""

    id: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Comps:
    """The groups and the environments of a repository, by their ids."""

    groups: Mapping[str, CompsGroup] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)


@dataclass(frozen=True)
class Expansion:
    """The packages that a recipe's groups stand for, and the packages that are added if another is
    installed: (package, the one that wants it)."""

    names: tuple[str, ...]
    conditional: tuple[tuple[str, str], ...]


EMPTY = Comps()
Kind = TypeVar("Kind", CompsGroup, Environment)


def parse(text: bytes, repository: str) -> Comps:
    """Understand *text*. Raises SourceError, naming the *repository*, if it is something else."""
    root = parsed(text, f"the group file of {repository}")
    groups = [_group(element) for element in root.iterfind("group")]
    environments = [_environment(element) for element in root.iterfind("environment")]
    return Comps({item.id: item for item in groups}, {item.id: item for item in environments})


def _group(element: "etree._Element") -> CompsGroup:
    packages: dict[str, list[str]] = {level: [] for level in LEVELS}
    conditional = []
    for request in element.iterfind("packagelist/packagereq"):
        name, level = (request.text or "").strip(), request.get("type") or "mandatory"
        if level == "conditional":
            conditional.append((name, request.get("requires") or ""))
        elif name:
            packages.setdefault(level, []).append(name)
    return CompsGroup(
        _text(element, "id"),
        _text(element, "name"),
        {level: tuple(names) for level, names in packages.items()},
        tuple(conditional),
    )


def _environment(element: "etree._Element") -> Environment:
    groups = tuple((item.text or "").strip() for item in element.iterfind("grouplist/groupid"))
    return Environment(_text(element, "id"), _text(element, "name"), groups)


def _text(element: "etree._Element", name: str) -> str:
    """The untranslated text of a child."""
    return (element.findtext(name) or "").strip()


def merge(many: Sequence[Comps]) -> Comps:
    """Unite what several repositories say, as dnf does: packages of a group come together."""
    groups: dict[str, CompsGroup] = {}
    environments: dict[str, Environment] = {}
    for one in many:
        for item in one.groups.values():
            groups[item.id] = _united(groups[item.id], item) if item.id in groups else item
        for other in one.environments.values():
            before = environments.get(other.id)
            both = (*before.groups, *other.groups) if before else other.groups
            environments[other.id] = Environment(other.id, other.name, _once(both))
    return Comps(groups, environments)


def _united(first: CompsGroup, second: CompsGroup) -> CompsGroup:
    levels = {*first.packages, *second.packages}
    return CompsGroup(
        first.id,
        first.name,
        {
            level: _once((*first.packages.get(level, ()), *second.packages.get(level, ())))
            for level in levels
        },
        tuple(dict.fromkeys((*first.conditional, *second.conditional))),
    )


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def expand(packages: Packages, comps: Comps) -> Expansion:
    """Say which packages the groups of a recipe stand for.

    The core is among them unless the recipe leaves it out. Raises RecipeError, with the nearest
    names, for a group or an environment that no repository has.
    """
    chosen = list(_chosen(packages, comps))
    excluded = [wanted.name for wanted in packages.excluded]

    def kept(name: str) -> bool:
        return not any(fnmatch.fnmatchcase(name, pattern) for pattern in excluded)

    names = [
        name
        for group, level in chosen
        for each in LEVELS[level]
        for name in group.packages.get(each, ())
    ]
    conditional = [pair for group, _ in chosen for pair in group.conditional]
    return Expansion(
        _once([name for name in names if kept(name)]),
        tuple(pair for pair in dict.fromkeys(conditional) if kept(pair[0])),
    )


def _chosen(packages: Packages, comps: Comps) -> Iterator[tuple[CompsGroup, str]]:
    """The groups of a recipe, each with the level that it is wanted at."""
    unwanted = {
        group.id
        for wanted in packages.excluded_groups
        if (group := _by_name(wanted.name, comps.groups))
    }
    levels = {CORE: "default"} if packages.core else {}
    if packages.environment:
        environment = _by_name(packages.environment.name, comps.environments)
        if environment is None and not packages.ignore_missing:
            raise _unknown("environment", "@^", packages.environment, comps.environments)
        levels |= dict.fromkeys(environment.groups if environment else (), "default")
        if not packages.core:
            levels.pop(CORE, None)
    levels = {name: level for name, level in levels.items() if name not in unwanted}
    for wanted in packages.groups:
        group = _by_name(wanted.name, comps.groups)
        if group is None and not packages.ignore_missing:
            raise _unknown("group", "@", wanted, comps.groups)
        if group is not None:
            levels[group.id] = wanted.level
    for name, level in levels.items():
        if name in comps.groups:
            yield comps.groups[name], level


def _by_name(name: str, known: Mapping[str, Kind]) -> Kind | None:
    """Find a group by its id, else by the name that people read, in any case of letters."""
    if name in known:
        return known[name]
    return next((item for item in known.values() if item.name.lower() == name.lower()), None)


def _unknown(
    what: str, sign: str, wanted: WantedPackage | WantedGroup, known: Mapping[str, Kind]
) -> RecipeError:
    near = difflib.get_close_matches(wanted.name, known, n=3, cutoff=0.5) or sorted(known)[:5]
    return RecipeError(
        f"no repository has the {what} '{wanted.name}'",
        where=wanted.where,
        hint=", ".join(f"{sign}{name}" for name in near) or f"a repository with {what}s",
    )
