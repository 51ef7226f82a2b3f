"""Build an appliance: everything from a kickstart file to the appliance in a directory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.backends import sbom_formats
from appliance.backends.families.told import by_packages, of, remarks
from appliance.backends.package_managers.model import LockedPackage
from appliance.bundle.model import Package
from appliance.creation import leaks, own_files
from appliance.creation.before import read_recipe
from appliance.creation.forgetting import forget, scripts_with_network, secret_disks
from appliance.creation.log import logged
from appliance.creation.network_of_scripts import have_network, proxy_of
from appliance.creation.origin import origin, remembering
from appliance.creation.passphrases import passphrases
from appliance.creation.request import Request
from appliance.creation.tools_root import tools_root
from appliance.engine import owners
from appliance.engine.run_plan import available_cores, build
from appliance.errors import HostError
from appliance.events import Emit, Noted, phase
from appliance.handover import statement_signing
from appliance.handover.export import check, check_places, export
from appliance.handover.finished import Finished, foreseen
from appliance.handover.form import Handover
from appliance.handover.package_cache import check_cache
from appliance.handover.sheets import completed
from appliance.host import probe, sandbox
from appliance.intake.overlooked import overlooked
from appliance.intake.own_files import Brought
from appliance.layout.storage import Storage
from appliance.packages import excludes, facts, package_files, package_list
from appliance.packages.asking import Ask
from appliance.packages.resolve import (
    Resolved,
    lock_path,
    lock_text,
    read_lock,
    resolve,
    settle,
    settled_again,
    use_lock,
)
from appliance.plan.labels import tools as label_tools
from appliance.plan.make import make_plan, needed_tools
from appliance.plan.model import Plan
from appliance.recipe.model import Note, Recipe
from appliance.recipe.variables import secret_values
from appliance.steps.install_packages import InstallPackages
from appliance.store.drafting import check_output
from appliance.store.results import (
    Store,
    full_disk_explained,
    full_disk_told,
    no_space,
    write_whole,
)
from appliance.units import show

OWN_TOOLS = ("tar", "zstd", "gpgv")  # layers and keys are this host's business, whatever --tools
UNPACKED = 5  # bytes in the store for each byte of a package file: 83 MB of xz become 332


@dataclass(frozen=True)
class Prepared:
    """All that is known of an appliance before anything is made.

    *recipe*: what the kickstart says.
    *storage*: how its disks are laid out.
    *resolved*: its packages, and how to reach their repositories.
    *plan*: the steps that make it.
    *tools*: the root whose programs make it; empty: this host's.
    *brought*: the author's own files.
    """

    recipe: Recipe
    storage: Storage
    resolved: Resolved
    plan: Plan
    tools: str
    brought: Brought

    def yielded(self) -> tuple[Note, ...]:
        """Say which excludes of included files have yielded to what the packages need."""
        return excludes.notes(self.recipe.packages, self.resolved.lock.packages)


def prepare(request: Request, store: Store, emit: Emit) -> Prepared:
    """Read the kickstart, choose its packages, and plan the build. Nothing of the image is made,
    and its packages are not fetched yet.

    Raises ApplianceError for whatever would stop the build.
    """
    recipe, own = read_recipe(request, store, emit)
    root = tools_root(request.tools, request.repositories, request.manner, store=store, emit=emit)
    ask = _settle(recipe, request, root)
    place = Path(root or "/")
    probe.require(_needed(ask, request), place)
    probe.require(OWN_TOOLS)
    resolved = _lock(ask, request, store, emit)
    question = resolved.ask.question
    recipe, storage, tools = question.recipe, question.storage, _needed(resolved.ask, request)
    if resolved.ask is not ask:
        probe.require(tools, place)
    known = dict(probe.tool_versions((*tools, *label_tools(resolved.lock)), place))
    plan = make_plan(
        recipe,
        storage,
        lock=resolved.lock,
        target=request.target,
        versions=lambda names: tuple((name, known[name]) for name in sorted(names)),
        own=own.files,
    )
    return Prepared(recipe, storage, resolved, plan, root, own)


def _needed(ask: Ask, request: Request) -> tuple[str, ...]:
    """The programs that a build needs of what *ask* asks for."""
    question = ask.question
    return needed_tools(ask.family, question.recipe, question.storage, target=request.target)


def _settle(recipe: Recipe, request: Request, tools: str) -> Ask:
    return settle(recipe, request.repositories, request.target, tools=tools)


def lock(recipe: Recipe, request: Request, store: Store, emit: Emit) -> Resolved:
    """Return the packages of *recipe*: those in the lock beside the kickstart, or, if there is
    none or the request renews it, those that the repositories have now."""
    root = tools_root(request.tools, request.repositories, request.manner, store=store, emit=emit)
    return _lock(_settle(recipe, request, root), request, store, emit)


def _lock(ask: Ask, request: Request, store: Store, emit: Emit) -> Resolved:
    path = lock_path(request.kickstart)
    if path.exists() and not request.update_lock:
        kept = read_lock(path)
        return use_lock(path, settled_again(ask, kept.packages, request.target, lambda: of(kept)))
    with full_disk_told(store.place):
        resolved = resolve(ask, store, emit)
        better = settled_again(
            ask, resolved.lock.packages, request.target, lambda: ask.told(store, emit)
        )
        if better is not ask:
            resolved = resolve(better, store, emit)
    if request.update_lock:
        resolved = _with_payloads(resolved, store, emit)
        write_whole(path, lock_text(resolved.lock))
    return resolved


def _with_payloads(resolved: Resolved, store: Store, emit: Emit) -> Resolved:
    """Return *resolved* with the digests of the payloads of packages, if they are of a kind that
    may be signed again without changing; these packages are fetched for that."""
    kind = resolved.ask.files(store, emit)
    if not kind.signed_again:
        return resolved
    with full_disk_told(store.place):
        _fetch(resolved, resolved.lock.packages, store, emit)
    packages = tuple(
        replace(item, payload=kind.payload(package_files.place(store, item, kind)))
        for item in resolved.lock.packages
    )
    return replace(resolved, lock=replace(resolved.lock, packages=packages))


def create(request: Request, emit: Emit) -> tuple[Path, ...]:
    """Build the appliance; return the directory that was made of it, and the bundle files.

    Raises the error of the part that failed; then the output directory holds nothing new.
    """
    _can_run(request.target.architecture)
    request = remembering(request)
    store = Store(request.store)
    store.open()
    _can_hand_over(request)
    log = store.place / "logs" / f"{request.name}.log"
    with full_disk_explained(store.place), logged(log, emit) as (say, own), store.using():
        if not (store.plans / f"{request.name}.json").exists():
            _have_namespace()  # the first build here: say so before anything is fetched
        prepared = prepare(request, store, say)
        recipe, plan = prepared.recipe, prepared.plan
        secrets = {**passphrases(plan), **secret_values(request.overrides.variables)}
        finished = _finished(prepared, request)
        bundle = foreseen(finished)
        check(bundle, request.handover, given=finished.given())
        for note in (*recipe.notes, *prepared.yielded()):
            say(Noted(f"{note.where}: {note.text}"))
        for text in (*_remarks(prepared.resolved), *request.handover.left_out(bundle)):
            say(Noted(text))
        for note in overlooked(recipe.scripts, request.kickstart, prepared.brought.shown):
            say(Noted(f"{note.where}: {note.text}"))
        if needed := plan.needed(store.finished(plan.digests().values())):
            _have_namespace()
            have_network(needed)
            owners.refuse_asked(recipe, sandbox.mapped_ids())
        with full_disk_told(store.place):
            installs = any(isinstance(step, InstallPackages) for step in needed)
            finished = _with_packages(finished, prepared.resolved, store, say, all_files=installs)
        size = _unpacked_size(prepared.resolved, store, say) + prepared.brought.size
        if request.refresh_scripts:
            forget(plan.above(scripts_with_network(plan)), plan, store)
        with _secret(plan, store):
            build(
                plan,
                store,
                say,
                size=size,
                manner=replace(
                    request.manner,
                    tools=prepared.tools,
                    sources=own_files.sources(prepared.brought, request.writes),
                    proxy=proxy_of(recipe),
                ),
                secrets=secrets,
            )
            write_whole(store.plans / f"{recipe.name}.json", plan.to_json())
            leaks.tell(plan, store, request.sheet.allowed, strict=request.strict_leaks, emit=say)
            cores = request.manner.cores or available_cores()
            with phase("bundle", say) as done:
                place = export(finished, store, request.output, log=own, cores=cores, emit=say)
                done("done")
            return place


def _can_hand_over(request: Request) -> None:
    """Raise ApplianceError if the finished appliance could not be put where it is asked for."""
    leaks.check(request.sheet.allowed)
    check_places(request.output, request.handed_over_as, request.handover)
    check_output(request.output)
    for name in request.handover.sboms:
        sbom_formats.find(name).require()
    if request.handover.statement_key:
        statement_signing.require(request.handover.statement_key)
    if request.handover.packages:
        check_cache(request.handover.packages)


def _finished(prepared: Prepared, request: Request) -> Finished:
    """Collect what is known of the finished appliance, before its images are made."""
    recipe, said = prepared.recipe, (*prepared.recipe.notes, *prepared.yielded())
    notes = [f"{note.where.path.name}:{note.where.line}: {note.text}" for note in said]
    return Finished(
        recipe,
        prepared.storage,
        prepared.resolved.lock,
        prepared.plan,
        request.target,
        (*notes, *_remarks(prepared.resolved)),
        _with_origin(request, prepared.brought),
        completed(request.sheet, recipe),
    )


def _with_origin(request: Request, brought: Brought) -> Handover:
    if request.handover.statement_key is None:
        return request.handover
    return replace(request.handover, origin=origin(request, brought))


@contextmanager
def _secret(plan: Plan, store: Store) -> Iterator[None]:
    """Remove the plan's encrypted disks, and what is made of them, from *store* now and in the
    end, however it ends: so nothing is reused that a killed build has left, and nothing stays."""
    disks = plan.above(secret_disks(plan))
    forget(disks, plan, store)
    try:
        yield
    finally:
        forget(disks, plan, store)


def _can_run(architecture: str) -> None:
    """Raise HostError if this machine could not run the scripts of packages for *architecture*."""
    own = probe.architecture()
    if architecture != own:
        raise HostError(
            f"this machine is {own}: it cannot run what packages for {architecture} run",
            hint=f"build on a machine that is {architecture}; `appliance plan` works here",
        )


def _with_packages(
    finished: Finished, resolved: Resolved, store: Store, emit: Emit, *, all_files: bool
) -> Finished:
    """*finished* with all that is known of its packages. The files of those that nothing is known
    of are fetched; with *all_files*, or if they are handed over, those of all are."""
    every, wanted = resolved.lock.packages, finished.handover.packages is not None
    if missing := every if all_files or wanted else facts.lacking(every, store):
        _fetch(resolved, missing, store, emit)
    files = _package_files(resolved, store, emit) if wanted else {}
    return replace(finished, packages=files, listed=_listed(resolved, store, emit))


def _package_files(resolved: Resolved, store: Store, emit: Emit) -> dict[LockedPackage, Path]:
    """Where the file of each installed package is."""
    kind = resolved.ask.files(store, emit)
    return {item: package_files.place(store, item, kind) for item in resolved.lock.packages}


def _remarks(resolved: Resolved) -> tuple[str, ...]:
    """Return a line for each repository whose packages' signatures nobody checks, and what nobody
    can promise of the distribution."""
    ask = resolved.ask
    unverified = (f"{name}: nobody checks who signed its packages" for name in ask.unverified())
    packages = ((item.name, item.version) for item in resolved.lock.packages)
    said_by = ask.question.options.distribution
    asked = ask.question.recipe.repositories if said_by and not by_packages(packages) else ()
    return (*unverified, *remarks(ask.family.name, ask.release, asked, said_by=said_by))


def _have_namespace() -> None:
    """Raise HostError before the first download if this host would not let the worker start."""
    refusal = probe.namespace_refusal()
    if refusal:
        raise HostError(f"a build needs a namespace of its own: {refusal}", hint="appliance doctor")


def _listed(resolved: Resolved, store: Store, emit: Emit) -> tuple[Package, ...]:
    """All that is known of the packages; the files of those that nothing is kept of are there."""
    ask, lock = resolved.ask, resolved.lock
    question = ask.question
    needed = ask.family.needed_packages(
        question.recipe, question.storage, architecture=question.architecture
    )
    apt = ask.family.package_manager == "apt"
    why = package_list.reasons(question.recipe.packages, needed, apt=apt)
    return package_list.listed(lock, facts.known(lock.packages, ask.files(store, emit), store), why)


def _fetch(resolved: Resolved, packages: Sequence[LockedPackage], store: Store, emit: Emit) -> None:
    """Fetch those of *packages* that are not in the store. Raises HostError if there is no room for
    them and what is made of them, SourceError if one cannot be had."""
    ask = resolved.ask
    kind = ask.files(store, emit)
    missing = sum(
        item.size for item in packages if not package_files.place(store, item, kind).exists()
    )
    needed, free = missing * UNPACKED, probe.disk_free(store.place)
    if free < needed:
        raise no_space(store.place, f": this needs about {show(needed)}, it has {show(free)}")
    with phase(package_files.PHASE, emit) as done:
        package_files.provide(packages, ask.accesses(), kind, store=store, emit=emit)
        done("done")


def _unpacked_size(resolved: Resolved, store: Store, emit: Emit) -> int:
    """About how many bytes the packages will take in the image, counting those that are in the
    store."""
    kind = resolved.ask.files(store, emit)
    places = [package_files.place(store, item, kind) for item in resolved.lock.packages]
    return kind.unpacked * sum(place.stat().st_size for place in places if place.exists())
