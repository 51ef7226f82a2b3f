"""Hand the finished appliance over: a directory that appears whole or not at all."""

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from appliance.backends.launchers import Launcher
from appliance.bundle import manifest
from appliance.bundle.model import Bundle
from appliance.engine import archives
from appliance.engine.drafting import drafting
from appliance.engine.finished import Finished, described, foreseen
from appliance.engine.handover import Handover, included
from appliance.engine.package_cache import fill
from appliance.engine.store import Store, full_disk_told
from appliance.errors import RequestError
from appliance.host import trees

LOG = "build.log"


def export(finished: Finished, store: Store, output: Path, log: Path) -> Path:
    """Write the appliance to the directory OUTPUT/NAME, or to an archive of that name; return it.

    One that is there already is exchanged for the new one and then removed; what no build made is
    left alone, with a RequestError.
    """
    name, handover = finished.recipe.name, finished.handover
    place = check_place(output, name, handover)
    with full_disk_told(output), drafting(output, name) as draft:
        made, texts = draft / place.name, draft / "texts"
        if handover.archive:
            texts.mkdir()
            files = finished.images(store) | _texts(finished, store, texts)
            files |= included(handover.include, _taken(finished))
            members = {f"{name}/{file}": path for file, path in files.items()}
            archives.WRITERS[handover.archive](made, members, finished.plan.clock)
        else:
            made.mkdir()
            _lay_out(finished, store, made)
            if handover.log:
                trees.copy(log, made / LOG)
        trees.exchange(made, place)
    if handover.packages:
        fill(handover.packages, finished.packages)
    return place


def check_include(finished: Finished) -> None:
    """Raise RequestError if what --include adds cannot come along; nothing need be built yet."""
    included(finished.handover.include, _taken(finished))


def _taken(finished: Finished) -> set[str]:
    """The names of the appliance's own files."""
    handover, bundle = finished.handover, foreseen(finished)
    return {
        *(artifact.path for artifact in bundle.artifacts),
        manifest.packages_file(bundle),
        *(file for launcher in handover.launchers for file in _files(launcher, bundle)),
        *([manifest.SUMS] if handover.sums else []),
        *([LOG] if handover.log and not handover.archive else []),
    }


def _files(launcher: Launcher, bundle: Bundle) -> Mapping[str, str]:
    """What *launcher* writes; nothing where it cannot."""
    return {} if launcher.refuses(bundle) else launcher.files(bundle)


def _lay_out(finished: Finished, store: Store, made: Path) -> None:
    """Make the directory *made* the appliance."""
    images = finished.images(store)
    with ThreadPoolExecutor() as pool:  # copying and hashing at the same time
        copies = [pool.submit(trees.copy, image, made / file) for file, image in images.items()]
        _texts(finished, store, made)
        for copy in copies:
            copy.result()
    for file, path in included(finished.handover.include, _taken(finished)).items():
        (made / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, made / file)


def _texts(finished: Finished, store: Store, place: Path) -> dict[str, Path]:
    """Write what describes the images into the directory *place*; return the files by name."""
    handover, bundle = finished.handover, described(finished, store)
    texts = {manifest.packages_file(bundle): manifest.packages_text(bundle)}
    for launcher in handover.launchers:
        texts |= _files(launcher, bundle)
    for file, text in texts.items():
        (place / file).write_text(text)
    if handover.sums:
        listed = {file: trees.sha256(place / file) for file in texts}
        listed |= {artifact.path: artifact.sha256 for artifact in bundle.artifacts}
        (place / manifest.SUMS).write_text(manifest.sums_text(listed))
    return {path.name: path for path in place.iterdir() if path.name in {*texts, manifest.SUMS}}


def check_place(output: Path, name: str, handover: Handover) -> Path:
    """Where an appliance will be. Raises RequestError if that would replace what is none."""
    place = output / f"{name}{archives.suffix(handover.archive)}"
    is_ours = archives.holds_appliance if handover.archive else _is_appliance
    if place.exists() and not is_ours(place, name):
        raise RequestError(
            f"{place} exists, and no build made it", hint="-o DIR, or move it out of the way"
        )
    return place


def _is_appliance(place: Path, name: str) -> bool:
    """True for a directory that a build made, the original appliance-creator's included, and for
    one with nothing in it."""
    if (place / f"{name}.packages.json").exists():
        return True
    found = {path.name for path in place.iterdir()} if place.is_dir() else {"a file"}
    others = {file for file in found if not file.startswith(f"{name}-")}
    return not found or others == {f"{name}.xml"}
