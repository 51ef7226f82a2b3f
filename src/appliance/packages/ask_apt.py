"""Ask the repositories of an apt recipe what to install, through apt with a state of its own.

apt/DIGEST/          lists and caches for one set of sources; `asked` is touched at each update
apt/DIGEST/choices/  what apt answered, by what it was asked and which lists it had
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.backends.families import AptSource, apt_repositories, origins
from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_sources import origin_of
from appliance.backends.families.question import Question
from appliance.backends.families.told import Told
from appliance.backends.package_managers import apt_choice
from appliance.backends.package_managers.apt_choice import Choice
from appliance.backends.package_managers.model import LockedPackage, LockedRepository
from appliance.codec import decode, encode
from appliance.errors import CommandError, HostError, SourceError
from appliance.events import Emit, ToolSaid, phase
from appliance.host import apt_configuration, command, rooted, sandbox
from appliance.host.download import RemoteAccess
from appliance.host.trees import remove
from appliance.packages import excludes
from appliance.packages.asking import FRESH, Selection
from appliance.packages.deb_files import DebFiles
from appliance.recipe.model import Packages
from appliance.store.results import Store, write_whole


@dataclass(frozen=True)
class AskApt:
    """Asks apt which packages a recipe comes to, from sources that are settled.

    *question*: the recipe with the options and the machine for which it is resolved.
    *family*: the apt family that the recipe's repositories belong to.
    *release*: the codename of the family's release.
    *sources*: the archives that packages are taken from.
    """

    question: Question
    family: AptFamily
    release: str
    sources: tuple[AptSource, ...]

    def accesses(self) -> dict[str, RemoteAccess]:
        """Return the base address of each archive, by the archive's name."""
        return {source.name: RemoteAccess((source.url,)) for source in self.sources}

    def files(self, store: Store, emit: Emit) -> DebFiles:
        """Say how .deb files are kept and checked; nothing is fetched for that."""
        return DebFiles(self.question.tools)

    def run(
        self, words: Sequence[str], state: Path, on_line: Callable[[str], None] = lambda line: None
    ) -> str:
        """Run a program of apt with the private *state*, and the tools that were asked for."""
        given, tools = self.question.options.keyring, self.question.tools
        own = given and not rooted.find(Path(tools or "/"), given).exists()
        places = (state, Path(given)) if own else (state,)
        argv = sandbox.with_tools(words, tools, places=places)
        return command.run(argv, env=_environment(state), on_line=on_line, name=words[0])

    def unverified(self) -> tuple[str, ...]:
        """Return nothing: apt's own rules decide which archives need a signature."""
        return ()

    def told(self, store: Store, emit: Emit) -> Told | None:
        """Return nothing: an archive's Release file has said it already."""
        return None

    def words(self) -> tuple[str, ...]:
        """Say which archives the recipe names by a URL: the repository's name and the suite,
        without the address of the mirror."""
        return tuple(
            f"from {item.name} {item.url.partition('/dists/')[2]}".strip()
            for item in self.question.recipe.repositories
            if item.url
        )

    def ask(self, store: Store, emit: Emit) -> Selection:
        """Update apt's lists of packages and let apt choose what the recipe comes to.

        Raises RecipeError for packages that do not exist or exclude each other, SourceError for
        archives that are out of reach, wrongly signed or of another distribution.
        """
        state = _state(store, self)
        with phase("repositories", emit) as done:
            done(_update(state, self, emit))
            releases = _releases(state, self.sources)
            origins.refuse_others(self.family, self.release, self.sources, releases)
        with phase("resolve", emit) as done:
            packages = _packages(state, self, releases)
            done(f"{len(packages)} packages")
        repositories = tuple(
            LockedRepository(
                source.name,
                source.suite,
                source.components,
                apt_choice.release_date(text),
                origin=origin_of(text),
                sha256=hashlib.sha256(text.encode()).hexdigest(),
            )
            for source, text in zip(self.sources, releases, strict=True)
        )
        return Selection(repositories, packages)


def settle(question: Question, family: AptFamily, release: str) -> AskApt:
    """Say where packages come from; nothing is fetched.

    Raises HostError if the keyring is not on this host, and whatever apt_repositories.sources
    raises.
    """
    given, root = question.options.keyring, Path(question.tools or "/")
    keyring = given or family.keyring
    if not (rooted.find(root, keyring).exists() or (given and Path(keyring).exists())):
        raise HostError(
            f"the keyring {keyring} is not there{f' ({root})' if question.tools else ''}",
            hint=f"install {family.keyring_package}, or --keyring FILE",
        )
    sources = apt_repositories.sources(
        family,
        question,
        release,
        host_sources=apt_configuration.host_sources(family),
        keyring=keyring if question.tools else str(Path(keyring).resolve()),
    )
    return AskApt(question, family, release, sources)


def _state(store: Store, asker: AskApt) -> Path:
    """Return the private state directory for the sources; it is made if it is not there."""
    architecture = asker.family.machine(asker.question.architecture).architecture
    more = apt_choice.foreign(asker.question.recipe.packages, architecture)
    listed = apt_choice.sources_list(asker.sources, ",".join((architecture, *more)))
    digest = hashlib.sha256(listed.encode()).hexdigest()[:16]
    state = store.place / "apt" / digest
    for name in ("etc", "lists/partial", "archives/partial", "choices", "log", "none/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)  # addresses hold passwords, and the store's directory may be open to all
    (state / "status").touch()
    write_whole(state / "etc/sources.list", listed)
    policy = {}
    if not asker.question.tools and not apt_configuration.check_valid_until():
        policy = {"Acquire::Check-Valid-Until": "false", "Acquire::Check-Date": "false"}
    text = apt_choice.configuration(str(state), architecture, policy, more)
    write_whole(state / "apt.conf", text)
    return state


def _pins(asker: AskApt) -> list[tuple[str, int]]:
    """The suites of the recipe's repositories that have a cost or a priority, with apt's."""
    suites = {source.name: source.suite for source in asker.sources}
    return [
        (suites[item.name], number)
        for item in asker.question.recipe.repositories
        if item.name in suites and (number := apt_choice.pin(item.cost, item.priority)) is not None
    ]


def _environment(state: Path) -> dict[str, str]:
    return {"APT_CONFIG": str(state / "apt.conf"), "DEBIAN_FRONTEND": "noninteractive"}


def _update(state: Path, asker: AskApt, emit: Emit) -> str:
    mark = state / "asked"
    fresh = mark.exists() and time.time() - mark.stat().st_mtime < FRESH
    if fresh and not asker.question.options.refresh:
        return "current"

    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        emit(ToolSaid("repositories", line))

    with Store(state.parent.parent).lock(f"apt-{state.name}"):
        try:
            asker.run(["apt-get", "update", "-q"], state, say)
        except CommandError as error:
            mark.unlink(missing_ok=True)
            raise apt_choice.update_error("\n".join(said), asker.sources) from error
        mark.touch()
    return "updated"


def _releases(state: Path, sources: tuple[AptSource, ...]) -> list[str]:
    """Return the text of each source's Release file, as apt has kept it."""
    texts = []
    for source in sources:
        name = apt_configuration.list_name(source.url, source.suite)
        places = [state / "lists" / f"{name}_{kind}" for kind in ("InRelease", "Release")]
        text = next((place.read_bytes().decode() for place in places if place.exists()), "")
        if not text:
            remove(state / "asked")
            raise SourceError(f"apt kept no Release file of {source.url} {source.suite}")
        texts.append(text)
    return texts


def _packages(state: Path, asker: AskApt, releases: list[str]) -> tuple[LockedPackage, ...]:
    question = asker.question
    recipe = question.recipe
    extra = asker.family.needed_packages(
        recipe, question.storage, architecture=question.architecture
    )
    asked = [apt_choice.VERSION, asdict(recipe.packages), extra, releases, _pins(asker)]
    text = json.dumps(asked, default=str, sort_keys=True)
    kept = state / "choices" / hashlib.sha256(text.encode()).hexdigest()
    if kept.exists():
        return tuple(decode(LockedPackage, item) for item in json.loads(kept.read_text()))
    # names that packages only provide, too, if they may be in the recipe: apt chooses one
    known = asker.run(["apt-cache", "pkgnames"], state).split()
    every = asker.run(["apt-cache", "--all-names", "pkgnames"], state).split()
    asked_for = {item.name.partition(":")[0] for item in recipe.packages.names}
    known += sorted(asked_for & (set(every) - set(known)))
    own = asker.family.machine(question.architecture).architecture
    mixed = own if apt_choice.foreign(recipe.packages, own) else ""

    def choose(wanted: Packages) -> tuple[LockedPackage, ...]:
        choice = apt_choice.choose(wanted, extra, sorted(known), own=mixed)
        pins = apt_choice.priorities(_pins(asker))
        write_whole(state / "etc/preferences", pins + apt_choice.preferences(choice.excluded))
        return _chosen(state, choice, wanted, asker)

    packages = excludes.chosen(choose, recipe.packages)
    write_whole(kept, json.dumps([encode(package) for package in packages]))
    return packages


def _chosen(
    state: Path, choice: Choice, packages: Packages, asker: AskApt
) -> tuple[LockedPackage, ...]:
    """Return what apt answers to *choice*, which is made of *packages*. Raises RecipeError."""
    try:
        with ThreadPoolExecutor(2) as pool:
            base = pool.submit(_ask, state, choice.essential, choice, asker)
            everything = pool.submit(_ask, state, choice.words, choice, asker)
            essential = apt_choice.packages_of(base.result(), asker.sources)
            said = everything.result()
    except CommandError as error:
        raise apt_choice.conflict("\n".join(error.tail), packages) from error
    names = frozenset((package.name, package.architecture) for package in essential)
    return apt_choice.packages_of(said, asker.sources, names)


def _ask(state: Path, words: tuple[str, ...], choice: Choice, asker: AskApt) -> str:
    """Let apt choose; an empty archive directory makes it list all."""
    return asker.run(
        [
            "apt-get", "install", "-y", "-q", "--print-uris",
            "-o", f"Dir::Cache::archives={state / 'none'}",
            "-o", f"APT::Install-Recommends={'true' if choice.recommends else 'false'}",
            *words,
        ],
        state,
    )  # fmt: skip
