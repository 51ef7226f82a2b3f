"""Ask the repositories of an RPM recipe what to install, through dnf with a state of its own."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from typing import Any

from appliance.backends.families import rpm_repositories
from appliance.backends.families.question import Question
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_sources import RpmSource
from appliance.backends.families.told import Told, by_address, by_system, by_tree
from appliance.backends.package_managers import comps, dnf_choice
from appliance.backends.package_managers.dnf_choice import Chosen
from appliance.backends.package_managers.model import LockedPackage, LockedRepository
from appliance.backends.package_managers.repo_files import RepoSection
from appliance.codec import decode, encode
from appliance.errors import CommandError, RecipeError, SourceError
from appliance.events import Emit, phase
from appliance.host import download
from appliance.host.download import RemoteAccess
from appliance.packages import excludes, keys
from appliance.packages.asking import Selection
from appliance.packages.dnf_state import DnfState, access_of, dnf_state
from appliance.packages.rpm_files import RpmFiles
from appliance.recipe.model import Packages
from appliance.store.results import Store, write_whole

TREE, LIMIT = ".treeinfo", 64 * 1024  # bytes


@dataclass(frozen=True)
class AskDnf:
    """Asks dnf which packages a recipe comes to, from sources that are settled.

    *question*: the recipe with the options and the machine for which it is resolved.
    *family*: the RPM family that the recipe's repositories belong to.
    *release*: the codename or number of the family's release; empty if nobody named one.
    *sources*: the repositories that packages are taken from.
    *added*: the names of those among them that `.repo` files of the command line brought.
    """

    question: Question
    family: RpmFamily
    release: str
    sources: tuple[RpmSource, ...]
    added: tuple[str, ...] = ()

    def accesses(self) -> dict[str, RemoteAccess]:
        """Return how the files of each repository are reached, by the repository's name."""
        return {source.name: self._access(source) for source in self.sources}

    def _access(self, source: RpmSource) -> RemoteAccess:
        return access_of(source, release=self._version, architecture=self.question.architecture)

    def files(self, store: Store, emit: Emit) -> RpmFiles:
        """Say how .rpm files are kept and checked; the keys of the repositories are fetched if need
        be."""
        state = self._state(store, emit)
        keyrings = {item.name: state.keyring(item) for item in self.sources if item.checked}
        return RpmFiles(keyrings, state.where_rpm_is)

    def _state(self, store: Store, emit: Emit) -> DnfState:
        return dnf_state(self.question, self._version, self.sources, store=store, emit=emit)

    @property
    def _version(self) -> str:
        """The value of $releasever, empty without a release: rawhide has a number, too."""
        return self.family.release(self.release).version if self.release else ""

    def unverified(self) -> tuple[str, ...]:
        """Return the names of the repositories whose packages may come without a known
        signature."""
        return tuple(source.name for source in self.sources if not source.checked)

    def told(self, store: Store, emit: Emit) -> Told | None:
        """What addresses, the repomd.xml that dnf keeps, and the .treeinfo of a tree say."""
        state = self._state(store, emit)
        for source in self.sources:
            for address in (*source.urls, source.metalink, source.mirrorlist):
                if found := by_address(address):
                    return found
        for source in self.sources:
            systems = state.metadata(source).listed.systems
            if found := next((one for one in map(by_system, systems) if one), None):
                return found
            tree = download.text(self._access(source), TREE, limit=LIMIT) if source.urls else None
            if tree and (found := by_tree(tree.decode("utf-8", "replace"))):
                return found
        return None

    def words(self) -> tuple[str, ...]:
        """Name the repositories that no family knows by name, the recipe's and those of `.repo`
        files, without their addresses."""
        own = (item.name for item in self.question.recipe.repositories if not item.known)
        return tuple(f"from {name}" for name in (*own, *self.added))

    def ask(self, store: Store, emit: Emit) -> Selection:
        """Update the repositories' metadata and let dnf choose what the recipe comes to.

        Raises RecipeError for packages that do not exist or exclude each other, SourceError for
        repositories that are out of reach or whose metadata is not signed as it should be.
        """
        state = self._state(store, emit)
        with state.alone():  # another build may bring new metadata, not looked at yet
            with phase("repositories", emit) as done:
                done(state.update())
            with phase("resolve", emit) as done:
                packages, built = self._packages(state)
                done(f"{len(packages)} packages")
            repositories = tuple(_locked(state, source, built) for source in self.sources)
        return Selection(repositories, packages)

    def _packages(self, state: DnfState) -> tuple[tuple[LockedPackage, ...], dict[str, int]]:
        """Return the chosen packages, and for each repository when its newest chosen package was
        built, in seconds since 1970."""
        recipe, storage = self.question.recipe, self.question.storage
        architecture = self.question.architecture
        needed = self.family.needed_packages(recipe, storage, architecture=architecture)
        welcome = self.family.welcome_packages(recipe, storage, architecture=architecture)
        signed_parts = [
            hashlib.sha256(state.metadata(source).signed_part.read_bytes()).hexdigest()
            for source in self.sources
        ]
        asked = [dnf_choice.VERSION, _said(recipe.packages), needed, welcome, signed_parts]
        text = json.dumps(asked, default=str, sort_keys=True)
        kept = state.place / "choices" / hashlib.sha256(text.encode()).hexdigest()
        if not kept.exists():
            choice = excludes.chosen(
                lambda wanted: self._chosen(state, wanted, needed, welcome), recipe.packages
            )
            packages, built = _found(state, choice)
            plain = {"packages": [encode(package) for package in packages], "built": built}
            write_whole(kept, json.dumps(plain))
        says = json.loads(kept.read_text())
        return tuple(decode(LockedPackage, item) for item in says["packages"]), says["built"]

    def _chosen(
        self, state: DnfState, packages: Packages, needed: Sequence[str], welcome: Sequence[str]
    ) -> tuple[Chosen, ...]:
        """What dnf would install: *packages*, with their groups, and what we add."""
        dnf_choice.refuse_files(packages)
        groups = comps.expand(
            packages, comps.merge([state.metadata(source).comps() for source in self.sources])
        )
        known = {name for source in self.sources for name in state.metadata(source).names()}
        own = [wanted.name for wanted in packages.names]
        extra = [name for name in welcome if name in known]
        names = [*own, *(name for name in groups.names if name in known), *needed, *extra]
        names = _without(names, [wanted.name for wanted in packages.excluded])
        conditional = dict.fromkeys(groups.conditional)
        while True:
            try:
                said = state.run(state.dnf.ask(packages, tuple(dict.fromkeys(names))))
            except CommandError as error:  # --assumeno is an answer of no: dnf ends with status 1
                said = "\n".join(error.tail)
                if "Operation aborted" not in said:
                    raise dnf_choice.refusal(said, packages, known) from error
            chosen = dnf_choice.table(said)
            if packages.ignore_missing:
                _refuse_lacking(needed, known)
            taken = {item.name for item in chosen}
            more = [
                name
                for name, condition in conditional
                if condition in taken and name in known and name not in taken
            ]
            if not more:
                brought = (*groups.names, *(name for name, _ in groups.conditional))
                return _with_reasons(chosen, brought, own)
            names += more
            conditional = {pair: None for pair in conditional if pair[0] not in more}


def settle(
    question: Question, family: RpmFamily, release: str, sections: Sequence[RepoSection]
) -> AskDnf:
    """Say where packages come from, *sections* of .repo files among them; nothing is fetched.

    Raises whatever rpm_repositories.sources raises.
    """
    sources = rpm_repositories.sources(
        family, question, release, sections=sections, find_key=keys.find
    )
    added = tuple(section.id for section in sections if section.enabled)
    return AskDnf(question, family, release, sources, added)


def _said(packages: Packages) -> Any:
    """Return what was asked for without the places in the kickstart: a line that moved changes
    nothing."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items() if name != "where"}
        return [plain(item) for item in value] if isinstance(value, list | tuple) else value

    return plain(asdict(packages))


def _refuse_lacking(needed: Sequence[str], known: Set[str]) -> None:
    """Raise RecipeError for a needed package that no repository has: `%packages --ignoremissing`
    must not leave out what the image needs to start."""
    lacking = [name for name in needed if name not in known]
    if lacking:
        raise RecipeError(
            f"no repository has '{lacking[0]}', which this image needs",
            hint="a repository that has it, or exclude it by name",
        )


def _without(names: Sequence[str], excluded: Sequence[str]) -> list[str]:
    return [name for name in names if name not in set(excluded)]


def _with_reasons(
    chosen: Sequence[Chosen], groups: Sequence[str], own: Sequence[str]
) -> tuple[Chosen, ...]:
    """Give packages that groups brought the reason "group": dnf is asked for names only and does
    not know."""
    brought = set(groups) - set(own)
    reasons = {"user": "group"}
    return tuple(
        replace(item, reason=reasons.get(item.reason, item.reason))
        if item.name in brought
        else item
        for item in chosen
    )


def _found(
    state: DnfState, chosen: Sequence[Chosen]
) -> tuple[tuple[LockedPackage, ...], dict[str, int]]:
    """Look up in the metadata what dnf's table leaves out: digests, sizes, places and build
    times."""
    packages: list[LockedPackage] = []
    built: dict[str, int] = {}
    known = {source.name for source in state.sources}
    for item in chosen:
        if item.repository not in known:  # a line of the recipe may be a file's place or address
            raise SourceError(
                f"{item.name} {item.evr} is from '{item.repository}', which is no repository",
                hint="the name of a package, and a repo line for where it is",
            )
    for source in state.sources:
        own = {
            (item.name, item.evr, item.architecture): item
            for item in chosen
            if item.repository == source.name
        }
        entries = state.metadata(source).find(own.keys()) if own else {}
        for key, item in own.items():
            if key not in entries:
                raise SourceError(
                    f"{item.name} {item.evr} is not in the metadata of {source.name}",
                    hint="--refresh",
                )
            entry = entries[key]
            built[source.name] = max(built.get(source.name, 0), entry.built)
            packages.append(
                LockedPackage(
                    name=item.name,
                    version=item.evr,
                    architecture=item.architecture,
                    sha256=entry.sha256,
                    size=entry.size,
                    repository=source.name,
                    path=entry.location,
                    reason=item.reason,
                )
            )
    in_order = sorted(packages, key=lambda item: (item.name, item.architecture, item.version))
    return tuple(in_order), built


def _locked(state: DnfState, source: RpmSource, built: Mapping[str, int]) -> LockedRepository:
    """Describe a repository for the lock; its date is never before that of a package taken from
    it."""
    metadata = state.metadata(source)
    date = max(metadata.listed.date, built.get(source.name, 0))
    sha256 = hashlib.sha256(metadata.signed_part.read_bytes()).hexdigest()
    return LockedRepository(source.name, "", (), date, not source.checked, sha256=sha256)
