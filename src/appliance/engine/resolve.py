"""From a recipe to a lock: which packages exactly, from which repositories.

A lock beside the kickstart is used as it is; otherwise the repositories are asked, through the
distribution's own package manager with a state of its own in the store:

    apt/DIGEST/          lists and caches for one set of sources; `asked` is touched at each update
    apt/DIGEST/choices/  what apt answered, by what it was asked and which lists it had
"""

import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from appliance.backends import families
from appliance.backends.families import AptSource, Family
from appliance.backends.families.apt_sources import origin_of
from appliance.backends.families.debian_scripts import needed_packages
from appliance.backends.package_managers import apt_choice
from appliance.backends.package_managers.apt_choice import Choice
from appliance.backends.package_managers.model import Lock, LockedPackage, LockedRepository
from appliance.codec import decode, encode
from appliance.engine.events import Emit, PhaseFinished, PhaseStarted, ToolSaid
from appliance.engine.store import Store, write_whole
from appliance.errors import CommandError, HostError, SourceError
from appliance.host import apt_configuration, command
from appliance.host.trees import remove
from appliance.recipe.model import Recipe

FRESH = 3600  # seconds for which a repository's metadata is taken as current
LOCK_SUFFIX = ".lock"


@dataclass(frozen=True)
class Sources:
    """What the command line says about repositories. *clock* is $SOURCE_DATE_EPOCH; 0: unset."""

    releasever: str = ""
    mirror: str = ""
    keyring: str = ""
    refresh: bool = False
    clock: int = 0


@dataclass(frozen=True)
class Resolved:
    """A lock, and the address of each repository that it names."""

    lock: Lock
    addresses: dict[str, str]


def lock_path(kickstart: Path) -> Path:
    """Where a kickstart's lock is: beside it."""
    return kickstart.with_suffix(LOCK_SUFFIX)


def resolve(recipe: Recipe, asked: Sources, store: Store, emit: Emit) -> Resolved:
    """Ask the repositories of *recipe* what to install.

    Raises RecipeError for packages that do not exist or exclude each other, SourceError for
    repositories that are unsigned, wrongly signed or out of reach.
    """
    family, release, sources = find_sources(recipe, asked)
    state = _state(store, family, sources)
    emit(PhaseStarted("repositories"))
    began = time.monotonic()
    remark = _update(state, sources, asked, emit)
    releases = _releases(state, family, sources)
    emit(PhaseFinished("repositories", time.monotonic() - began, remark))
    emit(PhaseStarted("resolve"))
    began = time.monotonic()
    packages = _packages(state, family, recipe, sources, releases)
    repositories = tuple(
        LockedRepository(
            source.name, source.suite, source.components, apt_choice.release_date(text)
        )
        for source, text in zip(sources, releases, strict=True)
    )
    lock = Lock(
        family=family.name,
        release=release,
        request=request(recipe, family, release),
        clock=asked.clock or max(repository.date for repository in repositories),
        repositories=repositories,
        packages=packages,
    )
    emit(PhaseFinished("resolve", time.monotonic() - began, f"{len(packages)} packages"))
    return Resolved(lock, {source.name: source.url for source in sources})


def find_sources(recipe: Recipe, asked: Sources) -> tuple[Family, str, tuple[AptSource, ...]]:
    """Settle where packages come from; nothing is fetched."""
    family, release = families.choose(recipe, releasever=asked.releasever)
    keyring = asked.keyring or family.keyring
    if not Path(keyring).exists():
        raise HostError(
            f"the keyring {keyring} is not there",
            hint=f"install {family.keyring_package}, or --keyring FILE",
        )
    sources = family.sources(
        recipe,
        release,
        mirror=asked.mirror,
        host_sources=apt_configuration.host_sources(family),
        keyring=str(Path(keyring).resolve()),
    )
    return family, release, sources


def request(recipe: Recipe, family: Family, release: str) -> tuple[str, ...]:
    """What *recipe* asks for, in words: a lock is valid for exactly these."""
    packages = recipe.packages
    extra = (*family.boot_packages(recipe), *needed_packages(recipe.settings))
    return tuple(
        sorted(
            {
                f"{family.name}-{release}",
                *(f"from {item.name} {item.url.partition('/dists/')[2]}".strip()
                  for item in recipe.repositories if item.url),
                *(wanted.name for wanted in packages.names),
                *(f"@{wanted.name}" for wanted in packages.groups),
                *(f"-{wanted.name}" for wanted in packages.excluded),
                *extra,
                *([] if packages.core else ["--nocore"]),
                *([] if packages.weak_dependencies else ["--exclude-weakdeps"]),
            }
        )
    )  # fmt: skip


def use_lock(path: Path, recipe: Recipe, asked: Sources) -> Resolved:
    """Take the lock at *path* for *recipe*.

    Raises SourceError if it is damaged, or is for something else than *recipe* asks for.
    """
    family, release, sources = find_sources(recipe, asked)
    try:
        lock = decode(Lock, json.loads(path.read_text()))
    except (ValueError, TypeError, KeyError) as error:
        raise SourceError(
            f"{path} is not a lock that this version reads: {error}", hint="--update-lock"
        ) from error
    wanted, held = set(request(recipe, family, release)), set(lock.request)
    for word in sorted(wanted - held):
        places = [item.where for item in recipe.packages.names if item.name == word]
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
    return Resolved(
        replace(lock, clock=asked.clock or lock.clock),
        {source.name: source.url for source in sources},
    )


def lock_text(lock: Lock) -> str:
    """The lock as a file: one package a line, so that two can be compared."""
    data = encode(lock)
    packages = ",\n  ".join(json.dumps(package) for package in data.pop("packages"))
    head = json.dumps(data, indent=1).removesuffix("\n}")
    return f'{head},\n "packages": [\n  {packages}\n ]\n}}\n'


# --- apt, with a state of its own


def _state(store: Store, family: Family, sources: tuple[AptSource, ...]) -> Path:
    """The private state directory for *sources*, made if need be."""
    listed = apt_choice.sources_list(sources, family.architecture)
    digest = hashlib.sha256(listed.encode()).hexdigest()[:16]
    state = store.place / "apt" / digest
    for name in ("etc", "lists/partial", "archives/partial", "choices", "log", "none/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    write_whole(state / "etc/sources.list", listed)
    policy = {}
    if not apt_configuration.check_valid_until():
        policy = {"Acquire::Check-Valid-Until": "false", "Acquire::Check-Date": "false"}
    text = apt_choice.configuration(str(state), family.architecture, policy)
    write_whole(state / "apt.conf", text)
    return state


def _environment(state: Path) -> dict[str, str]:
    return {"APT_CONFIG": str(state / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}


def _update(state: Path, sources: tuple[AptSource, ...], asked: Sources, emit: Emit) -> str:
    mark = state / "asked"
    if not asked.refresh and mark.exists() and time.time() - mark.stat().st_mtime < FRESH:
        return "current"

    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        emit(ToolSaid("repositories", line))

    with Store(state.parent.parent).lock(f"apt-{state.name}"):
        try:
            command.run(
                ["apt-get", "update", "-q"],
                env=_environment(state),
                on_line=say,
            )
        except CommandError as error:
            mark.unlink(missing_ok=True)
            raise apt_choice.update_error("\n".join(said), sources) from error
        mark.touch()
    return "updated"


def _releases(state: Path, family: Family, sources: tuple[AptSource, ...]) -> list[str]:
    """The Release file of each source; a source that is not the family's is refused."""
    texts = []
    for source in sources:
        name = apt_configuration.list_name(source.url, source.suite)
        places = [state / "lists" / f"{name}_{kind}" for kind in ("InRelease", "Release")]
        text = next((place.read_text() for place in places if place.exists()), "")
        if not text:
            remove(state / "asked")
            raise SourceError(f"apt kept no Release file of {source.url} {source.suite}")
        if source.name.startswith(family.name) and origin_of(text) != family.origin:
            raise SourceError(
                f"{source.url} {source.suite} is not {family.origin}'s: "
                f"it says that it is '{origin_of(text)}'",
                hint="--mirror URL",
            )
        texts.append(text)
    return texts


def _packages(
    state: Path,
    family: Family,
    recipe: Recipe,
    sources: tuple[AptSource, ...],
    releases: list[str],
) -> tuple[LockedPackage, ...]:
    extra = (*family.boot_packages(recipe), *needed_packages(recipe.settings))
    asked = [apt_choice.VERSION, asdict(recipe.packages), extra, releases]
    question = json.dumps(asked, default=str, sort_keys=True)
    kept = state / "choices" / hashlib.sha256(question.encode()).hexdigest()
    if kept.exists():
        return tuple(decode(LockedPackage, item) for item in json.loads(kept.read_text()))
    known = command.run(["apt-cache", "pkgnames"], env=_environment(state)).split()
    choice = apt_choice.choose(recipe.packages, extra, sorted(known))
    write_whole(state / "etc/preferences", apt_choice.preferences(choice.excluded))
    try:
        with ThreadPoolExecutor(2) as pool:
            base = pool.submit(_ask, state, choice.essential, choice)
            everything = pool.submit(_ask, state, choice.words, choice)
            essential = apt_choice.packages_of(base.result(), sources)
            said = everything.result()
    except CommandError as error:
        raise apt_choice.conflict("\n".join(error.tail), recipe.packages) from error
    names = frozenset(package.name for package in essential)
    packages = apt_choice.packages_of(said, sources, names)
    write_whole(kept, json.dumps([encode(package) for package in packages]))
    return packages


def _ask(state: Path, words: tuple[str, ...], choice: Choice) -> str:
    """Let apt choose; an empty archive directory makes it list all."""
    return command.run(
        [
            "apt-get", "install", "-y", "-q", "--print-uris",
            "-o", f"Dir::Cache::archives={state / 'none'}",
            "-o", f"APT::Install-Recommends={'true' if choice.recommends else 'false'}",
            *words,
        ],
        env=_environment(state),
    )  # fmt: skip


def source_date_epoch() -> int:
    """$SOURCE_DATE_EPOCH, or 0; raises HostError if it is not a number."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if text and not text.isdigit():
        raise HostError(f"SOURCE_DATE_EPOCH is '{text}', not seconds since 1970")
    return int(text or 0)
