"""From a recipe to a lock: which packages exactly, from which repositories.

A lock beside the kickstart is used as it is; otherwise the repositories are asked, through the
distribution's own package manager.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from appliance.backends import brands, families
from appliance.backends.families import Family
from appliance.backends.families.known import APT_KNOWN, RPM_KNOWN
from appliance.backends.families.question import Question
from appliance.backends.families.told import Told, by_packages, unsaid
from appliance.backends.package_managers.model import Lock, LockedPackage
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.codec import decode, encode
from appliance.errors import SourceError, Where
from appliance.events import Emit
from appliance.layout.complete import complete
from appliance.layout.firmware import for_board
from appliance.layout.storage import Storage
from appliance.packages import ask_apt, ask_dnf, excludes, repository_files
from appliance.packages.asking import Ask
from appliance.plan.make import Target
from appliance.recipe.model import Recipe, Repository
from appliance.recipe.repository_options import RepositoryOptions
from appliance.store.results import Store

LOCK_SUFFIX = ".lock"
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Understood:
    """What is known of a recipe's packages before any repository is asked.

    *recipe*: the recipe with the repositories of the command line added.
    *family*: the distribution family that the repositories belong to.
    *release*: the family's release, by codename or number; empty if nobody named one.
    *sections*: the repositories of the `.repo` files that `--repo` names.
    """

    recipe: Recipe
    family: Family
    release: str
    sections: tuple[RepoSection, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """A lock, together with what knows how to reach the repositories that the lock names."""

    lock: Lock
    ask: Ask


def lock_path(kickstart: Path) -> Path:
    """Return where the lock of a kickstart is: beside it, with the suffix .lock."""
    return kickstart.with_suffix(LOCK_SUFFIX)


def settled_again(
    ask: Ask,
    packages: Sequence[LockedPackage],
    target: Target,
    others: Callable[[], Told | None] = lambda: None,
) -> Ask:
    """Return *ask*, or one that knows better whose distribution its recipe is of, since the chosen
    *packages* say it (an address may be that of a mirror), or else the *others* that can be asked.

    Raises SourceError for a distribution that is not made here, or if nobody says whose it is, and
    what asker() raises.
    """
    question = ask.question
    known = any(one.known for one in question.recipe.repositories)
    if ask.family.package_manager != "dnf" or known:
        return ask
    told = by_packages((item.name, item.version) for item in packages) or others()
    if told is None and question.options.distribution:
        return ask
    if told is None:
        raise unsaid(
            question.recipe.repositories[0].name if question.recipe.repositories else "--repo"
        )
    release = question.options.releasever or told.release or ask.release
    names = (release, told.family.release(release).codename)
    if ask.family == told.family and ask.release in names:
        return ask
    found = replace(
        understood(question.recipe, question.options), family=told.family, release=release
    )
    return asker(found, question.options, target, tools=question.tools)


def settle(recipe: Recipe, options: RepositoryOptions, target: Target, *, tools: str) -> Ask:
    """Say which family *recipe* is of and where its packages come from; nothing is fetched.

    The question has all that the recipe stores, with what it leaves to its family.
    Raises what understood() and asker() raise.
    """
    return asker(understood(recipe, options), options, target, tools=tools)


def understood(recipe: Recipe, options: RepositoryOptions) -> Understood:
    """Say which family and release the repositories of *recipe* and of *options* make.

    The packages of its brand take the places of others, and excludes have yielded to what the
    settings need. Raises RecipeError and RequestError for what
    the author or the command line has to change, SourceError for a file of repositories that is
    not understood.
    """
    found = _understood(recipe, options)
    branded = brands.settled(found.recipe, found.family)
    return replace(found, recipe=excludes.settled(branded, found.family))


def _understood(recipe: Recipe, options: RepositoryOptions) -> Understood:
    given = repository_files.understood(options.repositories)
    recipe = with_repositories(recipe, options, given.names)
    if not recipe.repositories and given.manager() == "apt":
        recipe = replace(recipe, repositories=given.archives())
        return Understood(recipe, *_chosen(recipe, options, ()))
    if not recipe.repositories:
        sections = given.sections()
        return Understood(recipe, *_chosen(recipe, options, sections), sections)
    family, release = _chosen(recipe, options, ())
    if family.package_manager == "apt":
        everything = (*recipe.repositories, *given.archives())
        return Understood(replace(recipe, repositories=everything), family, release)
    return Understood(recipe, family, release, given.sections())


def _chosen(
    recipe: Recipe, options: RepositoryOptions, sections: Sequence[RepoSection]
) -> tuple[Family, str]:
    known = any(repository.known for repository in recipe.repositories)
    releasever = "" if options.image_version and known else options.releasever
    return families.choose(
        recipe,
        releasever=releasever,
        addresses=addresses_of(sections),
        distribution=options.distribution,
    )


def asker(understood: Understood, options: RepositoryOptions, target: Target, *, tools: str) -> Ask:
    """Choose the package manager that is asked, and settle where the repositories are.

    Raises HostError if this machine lacks keys, and whatever sources() of apt_repositories or
    rpm_repositories raises.
    """
    storage = stored(understood.recipe, understood.family, target)
    recipe = for_board(understood.recipe, storage, architecture=target.architecture)
    question = Question(recipe, storage, options, target.architecture, tools)
    return ASKERS[understood.family.package_manager](question, understood)


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


def _ask_apt(question: Question, understood: Understood) -> Ask:
    family = APT_KNOWN[understood.family.name]
    return ask_apt.settle(question, family, understood.release)


def _ask_dnf(question: Question, understood: Understood) -> Ask:
    family = RPM_KNOWN[understood.family.name]
    return ask_dnf.settle(question, family, understood.release, understood.sections)


ASKERS: Mapping[str, Callable[[Question, Understood], Ask]] = {"apt": _ask_apt, "dnf": _ask_dnf}


def with_repositories(
    recipe: Recipe, options: RepositoryOptions, names: Sequence[str] = ()
) -> Recipe:
    """The recipe with the known repositories *names*, each release once, and the variables of the
    command line."""
    place, known = Where(Path("--repo"), 1), families.known_names()
    there = {known.get(item.name) for item in recipe.repositories if item.known}
    fresh = {known[name]: name for name in reversed(names) if known[name] not in there}
    added = tuple(Repository(name, "", place) for name in reversed(fresh.values()))
    own = tuple(
        replace(
            item,
            url=filled(item.url, options.variables),
            metalink=filled(item.metalink, options.variables),
            mirrorlist=filled(item.mirrorlist, options.variables),
        )
        for item in recipe.repositories
    )
    return replace(recipe, repositories=(*own, *added))


def filled(address: str, variables: tuple[tuple[str, str], ...]) -> str:
    """Replace $NAME and ${NAME} in an address by the values of these variables; others stay."""
    values = dict(variables)
    return VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), address)


def addresses_of(sections: Sequence[RepoSection]) -> list[str]:
    """The addresses in the sections of `.repo` files, in their order."""
    found: list[str] = []
    for section in sections:
        found += (
            [*section.baseurls, section.metalink, section.mirrorlist] if section.enabled else ()
        )
    return [address for address in found if address]


def resolve(ask: Ask, store: Store, emit: Emit) -> Resolved:
    """Ask the repositories what to install, and make a lock of the answer.

    Raises RecipeError for packages that do not exist or exclude each other, SourceError for
    repositories that are unsigned, wrongly signed or out of reach.
    """
    answer, question = ask.ask(store, emit), ask.question
    newest = max(repository.date for repository in answer.repositories)
    lock = Lock(
        family=ask.family.name,
        release=ask.release,
        request=request(ask, question.architecture),
        clock=question.options.clock or newest,
        repositories=answer.repositories,
        packages=answer.packages,
        architecture=question.architecture,
    )
    return Resolved(lock, ask)


def request(ask: Ask, architecture: str) -> tuple[str, ...]:
    """What is asked for, in words, for a machine of *architecture*: a lock is valid for exactly
    these."""
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


def read_lock(path: Path) -> Lock:
    """Return the lock at *path*. Raises SourceError if it cannot be read or is damaged."""
    try:
        return decode(Lock, json.loads(path.read_text()))
    except OSError as error:
        raise SourceError(f"the lock {path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(
            f"{path} is not a lock that this version reads: {error}",
            hint="appliance lock, or appliance build --update-lock",
        ) from error


def use_lock(path: Path, ask: Ask) -> Resolved:
    """Take the lock at *path* for what *ask* is to ask.

    Raises SourceError if it cannot be read, is damaged, or is for something else.
    """
    lock = read_lock(path)
    if lock.architecture != ask.question.architecture:
        raise SourceError(
            f"the lock {path} is for {lock.architecture}, and not for {ask.question.architecture}",
            hint=f"--arch {lock.architecture}; or move the lock out of the way",
        )
    wanted, held = set(request(ask, lock.architecture)), set(lock.request)
    for word in sorted(wanted - held):
        places = [item.where for item in ask.question.recipe.packages.names if item.name == word]
        raise SourceError(
            f"'{word}' is not in the lock {path}",
            where=places[0] if places else None,
            hint="appliance lock, or appliance build --update-lock",
        )
    for word in sorted(held - wanted):
        raise SourceError(
            f"the lock {path} is for '{word}' too, which the kickstart no longer asks for",
            hint="appliance lock, or appliance build --update-lock",
        )
    return Resolved(replace(lock, clock=ask.question.options.clock or lock.clock), ask)


def lock_text(lock: Lock) -> str:
    """Write a lock as text: one package a line, so that two locks can be compared; what has its
    usual value is left out."""
    data = encode(lock)
    usual = {field.name: field.default for field in fields(LockedPackage)}
    packages = ",\n  ".join(
        json.dumps({name: value for name, value in package.items() if value != usual[name]})
        for package in data.pop("packages")
    )
    head = json.dumps(data, indent=1).removesuffix("\n}")
    return f'{head},\n "packages": [\n  {packages}\n ]\n}}\n'
