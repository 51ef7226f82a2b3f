"""Hand the finished appliance over: a directory that appears whole or not at all, or archives."""

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from appliance.backends import archives
from appliance.backends.archives.model import Manner
from appliance.backends.launchers import Launcher
from appliance.bundle import manifest
from appliance.bundle.model import Bundle
from appliance.engine.drafting import drafting
from appliance.engine.finished import Finished, described, foreseen
from appliance.engine.handed_over import holds_appliance
from appliance.engine.handover import FOLDER, Handover, included
from appliance.engine.package_cache import fill
from appliance.engine.store import Store, full_disk_told
from appliance.errors import RequestError
from appliance.host import trees

LOG = "build.log"


def export(
    finished: Finished, store: Store, output: Path, *, log: Path, cores: int
) -> tuple[Path, ...]:
    """Write the appliance to the directory OUTPUT/NAME and to archives beside it, as its handover
    says; return them.

    All are made before any takes its place. What is there already is exchanged for the new one and
    then removed; what no build made is left alone, with a RequestError.
    """
    name, handover = finished.recipe.name, finished.handover
    places = check_places(output, name, handover)
    with full_disk_told(output), drafting(output, name) as draft:
        images, texts = finished.images(store), draft / "texts"
        texts.mkdir()
        with _copied(images, draft / name, wanted=FOLDER in places):  # and hashed meanwhile
            bundle = described(finished, store)
        files = _texts(bundle, handover, texts) | included(handover.include, _taken(finished))
        for form, place in places.items():
            if form == FOLDER:
                _lay_out(files | ({LOG: log} if handover.log else {}), draft / name)
                continue
            kind = archives.find(form)
            members = kind.members(bundle, images | files)
            kind.write(draft / place.name, members, Manner(bundle.clock, cores))
        for place in places.values():
            trees.exchange(draft / place.name, place)
    if handover.packages:
        fill(handover.packages, finished.packages)
    return tuple(places.values())


def check(finished: Finished) -> None:
    """Raise RequestError if what --include adds cannot come along, if two images would be one file,
    or if it cannot be packed as asked; nothing need be built yet."""
    bundle = foreseen(finished)
    named: dict[str, str] = {}
    for artifact in bundle.artifacts:
        other = named.setdefault(artifact.path, artifact.disk_format)
        if other != artifact.disk_format:
            raise RequestError(
                f"{other} and {artifact.disk_format} would both be {artifact.path}",
                hint="build one, then: appliance convert",
            )
    for form in finished.handover.forms:
        refusal = "" if form == FOLDER else archives.find(form).refuses(bundle)
        if refusal:
            raise RequestError(f"--package {form}: {refusal}")
    included(finished.handover.include, _taken(finished))


def check_places(output: Path, name: str, handover: Handover) -> dict[str, Path]:
    """Where an appliance will be, by its forms. Raises RequestError if that would replace what is
    none, or if two forms would be one file."""
    places: dict[str, Path] = {}
    for form in handover.forms:
        place = output / (name if form == FOLDER else f"{name}{archives.find(form).suffix}")
        if place in places.values():
            raise RequestError(f"--package {form}: {place.name} is asked for twice")
        if place.exists() and not holds_appliance(place, name):
            raise RequestError(
                f"{place} exists, and no build made it", hint="-o DIR, or move it out of the way"
            )
        places[form] = place
    return places


def _taken(finished: Finished) -> set[str]:
    """The names of the appliance's own files."""
    handover, bundle = finished.handover, foreseen(finished)
    return {
        *(artifact.path for artifact in bundle.artifacts),
        manifest.packages_file(bundle),
        *(file for launcher in handover.launchers for file in _files(launcher, bundle)),
        *([manifest.description_file(bundle)] if handover.description else []),
        *([manifest.SUMS] if handover.sums else []),
        *([LOG] if handover.log and FOLDER in handover.forms else []),
    }


def _files(launcher: Launcher, bundle: Bundle) -> Mapping[str, str]:
    """What *launcher* writes; nothing where it cannot."""
    return {} if launcher.refuses(bundle) else launcher.files(bundle)


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


def _texts(bundle: Bundle, handover: Handover, place: Path) -> dict[str, Path]:
    """Write what describes the images into the directory *place*; return the files by name."""
    texts = {manifest.packages_file(bundle): manifest.packages_text(bundle)}
    if handover.description:
        texts[manifest.description_file(bundle)] = manifest.description_text(bundle)
    for launcher in handover.launchers:
        texts |= _files(launcher, bundle)
    for file, text in texts.items():
        (place / file).write_text(text)
    if handover.sums:
        listed = {file: trees.sha256(place / file) for file in texts}
        listed |= {artifact.path: artifact.sha256 for artifact in bundle.artifacts}
        texts[manifest.SUMS] = manifest.sums_text(listed)
        (place / manifest.SUMS).write_text(texts[manifest.SUMS])
    return {file: place / file for file in texts}
