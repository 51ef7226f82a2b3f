"""Hand an appliance over: a directory that appears whole or not at all, and archives of it."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from appliance.backends import bundle_formats, ova_rules
from appliance.backends.bundle_formats import ova
from appliance.backends.bundle_formats.model import Packing
from appliance.bundle import manifest
from appliance.bundle.model import Bundle
from appliance.errors import CommandError, RequestError
from appliance.events import Emit, Noted
from appliance.handover import beside
from appliance.handover.earlier import holds_appliance, holds_sums
from appliance.handover.finished import Finished, described, foreseen
from appliance.handover.form import FOLDER, Handover, included
from appliance.handover.leftovers import keep, leftovers
from appliance.handover.package_cache import fill
from appliance.host import trees
from appliance.store.drafting import drafting
from appliance.store.results import OUTPUT_REMEDY, Store, full_disk_told


@dataclass(frozen=True)
class Parcel:
    """Everything that is handed over at once.

    *foreseen*: the bundle as it is known before anybody has looked at its images.
    *described*: looks at the images and returns the complete bundle.
    *images*: the images of disks, by the names of their files.
    *more*: further files, by their names.
    *trees*: tar files that become directories, by the names of these.
    """

    foreseen: Bundle
    described: Callable[[], Bundle]
    images: Mapping[str, Path]
    more: Mapping[str, Path] = field(default_factory=dict)
    trees: Mapping[str, Path] = field(default_factory=dict)


def export(
    finished: Finished, store: Store, output: Path, *, log: Path, cores: int, emit: Emit
) -> tuple[Path, ...]:
    """Hand a finished build over as hand_over() does; fill the directory for package files, if one
    is wanted."""
    digests = finished.plan.digests()
    parcel = Parcel(
        foreseen(finished),
        lambda: described(finished, store),
        finished.images(store),
        {name: store.data(digests[result]) for result, name in finished.others().items()}
        | {beside.LOG: log},
        {name: store.data(digests[result]) for result, name in finished.directories().items()},
    )
    places = hand_over(parcel, finished.handover, output, cores=cores, emit=emit)
    if finished.handover.packages:
        fill(finished.handover.packages, finished.packages)
    return places


def hand_over(
    parcel: Parcel, handover: Handover, output: Path, *, cores: int, emit: Emit
) -> tuple[Path, ...]:
    """Write the appliance to the directory OUTPUT/NAME and to archives beside it, as *handover*
    says; return them. Each archive gets a file with its checksum, if these are wanted.

    All are made before any takes its place. What is there already is exchanged for the new one and
    then removed, which *emit* hears of where nothing new has its name; files that somebody put into
    the directory stay in it. What no build made is left alone, with a RequestError.
    """
    name = parcel.foreseen.name
    places = check_places(output, name, handover)
    with full_disk_told(output, OUTPUT_REMEDY), drafting(output, name) as draft:
        texts, made = draft / "texts", draft / "made"  # apart: an appliance may be called "texts"
        texts.mkdir()
        made.mkdir()
        with _copied(parcel.images, made / name, wanted=FOLDER in places):  # and hashed meanwhile
            bundle = parcel.described()
        names = beside.taken(bundle, handover) | {*parcel.trees, *parcel.more} - {beside.LOG}
        more = included(handover.include, names)
        own = beside.written(bundle, handover, texts, given=parcel.more, included=more)
        for form, place in places.items():
            if form == FOLDER:
                _lay_out(own | more, made / name)
                for file, tree in parcel.trees.items():
                    trees.unpack_files(tree, made / name / file)
                beside.add_sums(made / name, parcel.trees)
                continue
            kind = bundle_formats.find(form)
            members = kind.members(bundle, {**parcel.images, **beside.packed(own), **more})
            kind.write(made / place.name, members, Packing(bundle.clock, cores))
            if form == ova.NAME:
                _lint(made / place.name)
            if handover.sums:
                sums_file(made / place.name).write_text(
                    manifest.sums_text({place.name: trees.sha256(made / place.name)})
                )
        if FOLDER in places:
            _keep_own(places[FOLDER], made / name, emit)
        for place in places.values():
            trees.exchange(made / place.name, place)
            if sums_file(made / place.name).exists():
                trees.exchange(sums_file(made / place.name), sums_file(place))
    return tuple(places.values())


def _keep_own(place: Path, new: Path, emit: Emit) -> None:
    """Let what somebody put into *place* be in the directory *new*, too; say what goes away."""
    left = leftovers(place, new.name)
    keep(left, place, new)
    if gone := left.gone(new):
        emit(Noted(f"{place}: of the build before, {', '.join(gone)} are not made now: removed"))


def check(bundle: Bundle, handover: Handover, *, given: Iterable[str] = ()) -> None:
    """Raise RequestError if what --include adds cannot come along, if two images would be one file,
    or if it cannot be packed or described as asked; nothing need be built yet. *given* are names
    of files, besides disks and descriptions, that the build will make."""
    named: dict[str, str] = {}
    for artifact in bundle.artifacts:
        other = named.setdefault(artifact.path, artifact.disk_format)
        if other != artifact.disk_format:
            raise RequestError(
                f"{other} and {artifact.disk_format} would both be {artifact.path}",
                hint="one now, the other with: appliance convert",
            )
    for form in handover.forms:
        refusal = "" if form == FOLDER else bundle_formats.find(form).refuses(bundle)
        if refusal:
            raise RequestError(f"--bundle {form}: {refusal}")
    kinds = [bundle_formats.find(form) for form in handover.forms if form != FOLDER]
    alone = [kind.name for kind in kinds if kind.formats]  # they hold what their readers expect
    if handover.include and len(alone) == len(handover.forms):
        raise RequestError(
            f"--include: nothing comes along in {' and '.join(alone)}",
            hint="--bundle zip, tar, tar.zst or none, too",
        )
    for launcher in handover.launchers or ():
        if refusal := launcher.refuses(bundle):
            raise RequestError(f"--launcher {launcher.name}: {refusal}")
    included(handover.include, beside.taken(bundle, handover) | {*given})


def check_places(output: Path, name: str, handover: Handover) -> dict[str, Path]:
    """Where an appliance will be, by its forms. Raises RequestError if that would replace what is
    none, or if two forms would be one file, and as drafting() does if nothing can be made there."""
    places: dict[str, Path] = {}
    for form in handover.forms:
        place = output / (name if form == FOLDER else f"{name}{bundle_formats.find(form).suffix}")
        if place in places.values():
            raise RequestError(f"--bundle {form}: {place.name} is asked for twice")
        if place.exists() and not holds_appliance(place, name):
            raise RequestError(
                f"{place} exists, and no build made it", hint="-o DIR, or move it out of the way"
            )
        sums = sums_file(place)
        if (
            form != FOLDER
            and handover.sums
            and os.path.lexists(sums)
            and not holds_sums(sums, place.name)
        ):
            raise RequestError(
                f"{sums} exists, and is no checksum of {place.name}",
                hint="-o DIR, or move it out of the way",
            )
        places[form] = place
    with drafting(output, name):  # it can be written to
        return places


def sums_file(archive: Path) -> Path:
    """The file with the checksum of *archive*, which lies beside it."""
    return archive.with_name(f"{archive.name}.sha256")


def _lint(archive: Path) -> None:
    """Raise CommandError if an importer is known to refuse what was made; that is our fault."""
    wrong = [finding for finding in ova_rules.lint(archive) if finding.level == ova_rules.ERROR]
    if wrong:
        raise CommandError(
            f"{archive.name} would not be imported: {wrong[0].sentence}",
            tail=tuple(f"{finding.rule}: {finding.place}" for finding in wrong),
        )


@contextmanager
def _copied(images: Mapping[str, Path], made: Path, *, wanted: bool) -> Iterator[None]:
    """Copy *images* into the new directory *made*, if that is *wanted*, while others work."""
    with ThreadPoolExecutor() as pool:
        copies = []
        if wanted:
            made.mkdir()
            copies = [pool.submit(trees.copy, path, made / file) for file, path in images.items()]
        yield
        for copy in copies:
            copy.result()


def _lay_out(files: Mapping[str, Path], made: Path) -> None:
    """Add *files* to the directory *made*."""
    for file, path in files.items():
        (made / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, made / file)
