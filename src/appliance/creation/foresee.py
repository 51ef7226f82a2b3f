"""Say what would stop a build before it starts, without using the network or making anything."""

from dataclasses import dataclass, field
from pathlib import Path

from appliance.backends import families
from appliance.backends.families.told import remarks
from appliance.backends.package_managers.model import Lock
from appliance.bundle.sheet import Sheet
from appliance.creation import leaks
from appliance.errors import (
    ApplianceError,
    HostError,
    RecipeError,
    RequestError,
    SourceError,
    Where,
)
from appliance.handover.export import check
from appliance.handover.finished import Finished, foreseen
from appliance.handover.form import Handover
from appliance.handover.sheets import completed
from appliance.intake.overlooked import overlooked
from appliance.intake.own_files import NOTHING, Brought, Looking, brought
from appliance.layout.firmware import for_board
from appliance.layout.storage import Storage
from appliance.packages.resolve import asker, stored, understood
from appliance.plan.make import Target, make_plan
from appliance.recipe.model import Note, Recipe
from appliance.recipe.overrides import Overrides
from appliance.recipe.own_files import OwnFiles
from appliance.recipe.reading.load import problems
from appliance.recipe.repository_options import RepositoryOptions

NO_REPOSITORY = "no repository is named: a build needs --repo NAME, or --repo FILE"
USUAL_FAMILY = "fedora"


@dataclass(frozen=True)
class Foreseen:
    """What is wrong with the kickstart *path*, and what its author should know.

    *path*: the kickstart.
    *problems*: what would stop a build.
    *notes*: what would not stop it.
    *open*: what a build would still have to be told, which a note says too; None if nothing.
    """

    path: Path
    problems: tuple[ApplianceError, ...]
    notes: tuple[Note, ...]
    open: ApplianceError | None = None


@dataclass(frozen=True)
class _Settled:
    family: str
    release: str
    recipe: Recipe
    storage: Storage
    open: ApplianceError | None = None  # what a build would still have to be told


@dataclass(frozen=True)
class Launched:
    """What the command line says of the appliance, besides the recipe.

    *target*: the formats, the architecture and the sizes of what is built.
    *handover*: what is handed over besides the images, and how.
    *sheet*: what the product sheet says of the machine and the product.
    """

    target: Target
    handover: Handover = field(default_factory=Handover)
    sheet: Sheet = field(default_factory=Sheet)


def foresee(
    path: Path, overrides: Overrides, options: RepositoryOptions, launched: Launched
) -> Foreseen:
    """Find what would stop a build of the kickstart *path*: read it, choose its family, lay out its
    disks, and describe it to its launchers. Repositories are not asked for packages."""
    target = launched.target
    found, recipe = problems(path, overrides)
    if recipe is None:
        return Foreseen(path, tuple(found), ())
    own, wrong = _own_files(launched.sheet, path)
    wrong += leaks.wrong(launched.sheet.allowed)
    missed = (*overlooked(recipe.scripts, path, own.shown), *recipe.pending)
    notes = recipe.notes + missed
    unmade = not recipe.disk_sizes and any(volume.number for volume in recipe.volumes)
    if recipe.partial or unmade:  # what a %pre says of its disks is not there yet
        return Foreseen(path, wrong, notes)
    try:
        settled = _settled(recipe, options, target)
        repositories, said_by = settled.recipe.repositories, options.distribution
        said = remarks(settled.family, settled.release, repositories, said_by=said_by)
        unsure = tuple(Note(text, Where(path, 1)) for text in said)
        notes = settled.recipe.notes + missed + unsure
        if settled.open:
            notes += (_note(settled.open, path),)
        lock = Lock(settled.family, settled.release, (), 0, (), (), target.architecture)
        plan = make_plan(
            settled.recipe,
            settled.storage,
            lock=lock,
            target=target,
            versions=lambda tools: tuple((tool, "") for tool in tools),
            own=own.files,
        )
        finished = Finished(
            settled.recipe, settled.storage, lock, plan, target, (), launched.handover,
            completed(launched.sheet, settled.recipe),
        )  # fmt: skip
        notes += _of_launchers(finished, path)
    except (RecipeError, RequestError, SourceError) as error:
        return Foreseen(path, (*wrong, error), notes)
    return Foreseen(path, wrong, notes, settled.open)


def _note(error: ApplianceError, path: Path) -> Note:
    """Say in a note what a build would still have to be told."""
    words = f"{error.problem}; {error.hint}" if error.hint else error.problem
    return Note(words, error.where or Where(path, 1))


def _own_files(sheet: Sheet, path: Path) -> tuple[Brought, tuple[RequestError, ...]]:
    """Look for the author's own files, without reading them; return those that are found, and what
    is wrong with the others."""
    look = Looking(content=False)
    try:
        return brought(sheet.files, path, look), ()
    except RequestError:  # which of them it is, and whether it is the only one
        pass
    wrong: list[RequestError] = []
    found, good = NOTHING, OwnFiles()
    for each in (OwnFiles(), *sheet.files.apart):
        try:
            found = brought(each.after(good), path, look)
            good = each.after(good)
        except RequestError as error:
            wrong.append(error)
    return found, tuple(wrong)


def _of_launchers(finished: Finished, path: Path) -> tuple[Note, ...]:
    """Return a note for each wish that a launcher cannot express or that will not work with it.
    Raises RequestError for what a build would refuse to hand over."""
    bundle = foreseen(finished)
    check(bundle, finished.handover, given=finished.given())
    return tuple(Note(text, Where(path, 1)) for text in finished.handover.left_out(bundle))


def _settled(recipe: Recipe, options: RepositoryOptions, target: Target) -> _Settled:
    """Choose the family and release of *recipe*, and lay out its disks; if something is missing
    that has nothing to do with the kickstart, *open* of the answer says what."""
    if not (recipe.repositories or options.repositories):
        return _unasked(recipe, USUAL_FAMILY, "", target, RequestError(NO_REPOSITORY))
    found = understood(recipe, options)
    try:
        ask = asker(found, options, target, tools="")
    except (HostError, SourceError, RequestError) as error:
        if isinstance(error, RequestError) and not error.where:  # a word that is there is wrong
            raise
        # The author's text is right: this machine lacks a key, or the command line a word.
        return _unasked(found.recipe, found.family.name, found.release, target, error)
    question = ask.question
    return _Settled(ask.family.name, ask.release, question.recipe, question.storage)


def _unasked(
    recipe: Recipe, family: str, release: str, target: Target, told: ApplianceError
) -> _Settled:
    """Settle what can be settled while *told* says what is still open."""
    storage = stored(recipe, families.KNOWN[family], target)
    whole = for_board(recipe, storage, architecture=target.architecture)
    return _Settled(family, release, whole, storage, told)
