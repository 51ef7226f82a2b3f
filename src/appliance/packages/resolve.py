"""From a recipe to a lock: which packages exactly, from which repositories.

A lock beside the kickstart is used as it is; otherwise the repositories are asked, through the
distribution's own package manager.
"""

import json
import os
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path

from appliance.backends import families
from appliance.backends.families.debian import Debian
from appliance.backends.families.model import Family
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.codec import decode, encode
from appliance.errors import HostError, SourceError, Where
from appliance.events import Emit
from appliance.layout.complete import complete
from appliance.layout.storage import Storage
from appliance.packages import ask_apt, ask_dnf
from appliance.packages.asking import Ask, Question
from appliance.packages.keys import repository_sections
from appliance.plan.make import Target
from appliance.recipe.model import Recipe, Repository
from appliance.store.results import Store

LOCK_SUFFIX = ".lock"
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Sources:
    """What the command line says about repositories: see Question; *clock* is
    $SOURCE_DATE_EPOCH, 0: unset. *image_version*: *releasever* is the image's version, too: a
    repository known by name says more. *named*: known repositories besides the recipe's."""

    releasever: str = ""
    mirror: str = ""
    keyring: str = ""
    refresh: bool = False
    clock: int = 0
    repository_files: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    lenient: bool = False
    image_version: bool = False
    named: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Resolved:
    """A lock, and who knows how to reach the repositories that it names."""

    lock: Lock
    ask: Ask


def lock_path(kickstart: Path) -> Path:
    """Where a kickstart's lock is: beside it."""
    return kickstart.with_suffix(LOCK_SUFFIX)


def settle(recipe: Recipe, asked: Sources, target: Target, *, tools: str) -> Ask:
    """Say which family *recipe* is of and where its packages come from; nothing is fetched.

    The question has all that the recipe stores, with what it leaves to its family.
    """
    recipe = with_repositories(recipe, asked)
    known = any(repository.known for repository in recipe.repositories)
    releasever = "" if asked.image_version and known else asked.releasever
    family, release = families.choose(
        recipe,
        releasever=releasever,
        addresses=[] if recipe.repositories else addresses_of(asked.repository_files),
    )
    question = Question(
        recipe,
        stored(recipe, family, target),
        architecture=target.architecture,
        mirror=asked.mirror,
        keyring=asked.keyring,
        refresh=asked.refresh,
        repository_files=asked.repository_files,
        trusted=asked.trust,
        lenient=asked.lenient,
        tools=tools,
        variables=asked.variables,
    )
    match family:
        case Debian():
            return ask_apt.settle(question, family, release)
        case RpmFamily():
            return ask_dnf.settle(question, family, release)
    raise TypeError(f"{family.name} has no package manager")


def stored(recipe: Recipe, family: Family, target: Target) -> Storage:
    """Return all that *recipe* stores on a machine like *target*. Raises RecipeError."""
    return complete(
        recipe,
        family.storage,
        architecture=target.architecture,
        memory=target.memory,
        disk_size=target.disk_size,
        grow_root=target.grow_root,
    )


def with_repositories(recipe: Recipe, asked: Sources) -> Recipe:
    """The recipe with the known repositories and the variables of the command line."""
    place = Where(Path("--repo"), 1)
    added = tuple(Repository(name, "", place) for name in asked.named)
    own = tuple(
        replace(
            item,
            url=filled(item.url, asked.variables),
            metalink=filled(item.metalink, asked.variables),
            mirrorlist=filled(item.mirrorlist, asked.variables),
        )
        for item in recipe.repositories
    )
    return replace(recipe, repositories=(*own, *added))


def filled(address: str, variables: tuple[tuple[str, str], ...]) -> str:
    """An address with the values of these variables, $NAME or ${NAME}; others stay."""
    values = dict(variables)
    return VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), address)


def addresses_of(files: tuple[str, ...]) -> list[str]:
    """The addresses in `.repo` files, in their order."""
    found: list[str] = []
    for section in repository_sections(files):
        found += (
            [*section.baseurls, section.metalink, section.mirrorlist] if section.enabled else ()
        )
    return [address for address in found if address]


def resolve(ask: Ask, asked: Sources, *, architecture: str, store: Store, emit: Emit) -> Resolved:
    """Ask the repositories of a recipe what to install; see Ask.ask."""
    answer = ask.ask(store, emit)
    lock = Lock(
        family=ask.family.name,
        release=ask.release,
        request=request(ask, architecture),
        clock=asked.clock or max(repository.date for repository in answer.repositories),
        repositories=answer.repositories,
        packages=answer.packages,
        architecture=architecture,
    )
    return Resolved(lock, ask)


def request(ask: Ask, architecture: str) -> tuple[str, ...]:
    """What a recipe asks for, in words: a lock is valid for exactly these."""
    recipe, storage = ask.question.recipe, ask.question.storage
    packages = recipe.packages
    level = {"default": "", "mandatory": " --nodefaults", "optional": " --optional"}
    flags = {
        "--nocore": not packages.core,
        "--exclude-weakdeps": not packages.weak_dependencies,
        "--ignoremissing": packages.ignore_missing,
        "--ignorebroken": packages.ignore_broken,
        "--multilib": packages.multilib,
    }
    words = {
        f"{ask.family.name}-{ask.release}" if ask.release else ask.family.name,
        *ask.words(),
        *(wanted.name for wanted in packages.names),
        *(f"@{wanted.name}{level[wanted.level]}" for wanted in packages.groups),
        *(f"-{wanted.name}" for wanted in packages.excluded),
        *(f"-@{wanted.name}" for wanted in packages.excluded_groups),
        *ask.family.needed_packages(recipe, storage, architecture=architecture),
        *(flag for flag, said in flags.items() if said),
    }
    if packages.environment:
        words.add(f"@^{packages.environment.name}")
    return tuple(sorted(words))


def use_lock(path: Path, ask: Ask, asked: Sources) -> Resolved:
    """Take the lock at *path* for the recipe that is asked about.

    Raises SourceError if it is damaged, or is for something else than the recipe asks for.
    """
    try:
        lock = decode(Lock, json.loads(path.read_text()))
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(
            f"{path} is not a lock that this version reads: {error}", hint="--update-lock"
        ) from error
    wanted, held = set(request(ask, lock.architecture)), set(lock.request)
    for word in sorted(wanted - held):
        places = [item.where for item in ask.question.recipe.packages.names if item.name == word]
        raise SourceError(
            f"'{word}' is not in the lock {path}",
            where=places[0] if places else None,
            hint="--update-lock",
        )
    for word in sorted(held - wanted):
        raise SourceError(
            f"the lock {path} is for '{word}' too, which the kickstart no longer asks for",
            hint="--update-lock",
        )
    return Resolved(replace(lock, clock=asked.clock or lock.clock), ask)


def lock_text(lock: Lock) -> str:
    """The lock as a file: one package a line, so that two can be compared; what has its usual
    value is left out."""
    data = encode(lock)
    usual = {field.name: field.default for field in fields(LockedPackage)}
    packages = ",\n  ".join(
        json.dumps({name: value for name, value in package.items() if value != usual[name]})
        for package in data.pop("packages")
    )
    head = json.dumps(data, indent=1).removesuffix("\n}")
    return f'{head},\n "packages": [\n  {packages}\n ]\n}}\n'


def source_date_epoch() -> int:
    """$SOURCE_DATE_EPOCH, or 0; raises HostError if it is not a number."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if text and not text.isdigit():
        raise HostError(f"SOURCE_DATE_EPOCH is '{text}', not seconds since 1970")
    return int(text or 0)
